using System.Text;

namespace Devloop.Testing.Fuzzing;

/// <summary>Makes new texts from old ones; the same seed makes the same texts.</summary>
public sealed class TextMutator(FuzzTarget target, int seed)
{
    private const int Longest = 2000;

    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = new StringBuilder(Pick(target.Seeds));
        for (int edits = 1 + _random.Next(8); edits > 0; edits--)
            Edit(text);
        if (text.Length > Longest)
            text.Length = Longest;
        return text.ToString();
    }

    private void Edit(StringBuilder text)
    {
        int at = _random.Next(text.Length + 1);
        int length = Math.Min(_random.Next(1, 12), text.Length - at);
        switch (_random.Next(8))
        {
            case 0:
                text.Remove(at, length);
                break;
            case 1:
                text.Insert(at, (char)_random.Next(_random.Next(4) == 0 ? 0x10000 : 0x80));
                break;
            case 2 when at < text.Length:
                text[at] = (char)(text[at] ^ (1 << _random.Next(7)));
                break;
            case 3:
                text.Insert(_random.Next(text.Length + 1), text.ToString(at, length));
                break;
            case 4:
                string other = Pick(target.Seeds);
                text.Insert(at, other.AsSpan(_random.Next(other.Length)));
                break;
            case 5:
                text.Insert(at, Pick(target.Tokens), _random.Next(1, 20));
                break;
            default:
                text.Insert(at, Pick(target.Tokens));
                break;
        }
    }

    private string Pick(IReadOnlyList<string> from) => from[_random.Next(from.Count)];
}
