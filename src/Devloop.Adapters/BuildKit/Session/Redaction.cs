using System.Collections.Immutable;
using System.Text;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>Puts asterisks in the place of secret values in what a build says.</summary>
internal sealed class Redaction
{
    private const string Instead = "***";

    /// <summary>Shorter ones would blot out words that are no secrets.</summary>
    private const int Shortest = 4;

    private readonly ImmutableArray<string> _values;

    private Redaction(ImmutableArray<string> values) => _values = values;

    public static Redaction None { get; } = new([]);

    /// <summary>Output comes line by line, so each line of a value counts by itself; longer ones first, since they may hold shorter ones.</summary>
    public static Redaction Of(IEnumerable<byte[]> values) => new(
    [
        .. values.SelectMany(v => Encoding.UTF8.GetString(v).Split('\n')).Select(l => l.Trim()).Where(l => l.Length >= Shortest)
            .Distinct(StringComparer.Ordinal).OrderByDescending(l => l.Length),
    ]);

    public string Apply(string text) => _values.Aggregate(text, (t, value) => t.Replace(value, Instead, StringComparison.Ordinal));
}
