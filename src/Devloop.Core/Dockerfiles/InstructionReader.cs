using System.Collections.Immutable;
using System.Text;
using Devloop.Diagnostics;

namespace Devloop.Dockerfiles;

/// <summary>Splits one joined line into name, flags and words, each instruction in its own way.</summary>
internal sealed class InstructionReader(LogicalLine line, char escape, ImmutableArray<Diagnostic>.Builder problems)
{
    private readonly string _text = line.Text;
    private bool _inTrigger;

    /// <summary>Reads the instruction that begins at an index: 0, or where the trigger of ONBUILD begins.</summary>
    public Instruction Read(int index)
    {
        int end = _text.Length;
        while (end > index && char.IsWhiteSpace(_text[end - 1]))
            end--;
        while (index < end && char.IsWhiteSpace(_text[index]))
            index++;
        int nameEnd = index;
        while (nameEnd < end && !IsSeparator(_text[nameEnd]))
            nameEnd++;
        var instruction = new Instruction
        {
            Name = _text[index..nameEnd].ToUpperInvariant(),
            Line = line,
            Span = line.Span(index, end),
        };
        int at = nameEnd;
        ImmutableArray<Flag> flags = FlagReader.Read(line, ref at, end);
        while (at < end && char.IsWhiteSpace(_text[at]))
            at++;
        instruction = instruction with { Flags = flags, Arguments = _text[at..end] };
        return instruction.Name switch
        {
            "FROM" or "EXPOSE" => instruction with { Words = SplitAtSpace(at, end) },
            "ADD" or "COPY" or "VOLUME" => JsonOr(instruction, at, end, SplitAtSpace),
            "RUN" or "CMD" or "ENTRYPOINT" or "SHELL" => JsonOr(instruction, at, end, Whole),
            "HEALTHCHECK" => Healthcheck(instruction, at, end),
            "ENV" or "LABEL" => instruction with { Pairs = NamesAndValues(instruction, at, end) },
            "ARG" => instruction with { Words = QuotedWords(at, end), Pairs = [.. QuotedWords(at, end).Select(NameAndMaybeValue)] },
            "ONBUILD" when at < end && !_inTrigger => instruction with { Trigger = ReadTrigger(at) },
            _ => instruction with { Words = Whole(at, end) },
        };
    }

    /// <summary>What follows ONBUILD; a second ONBUILD in there is not read on, however often it is repeated.</summary>
    private Instruction ReadTrigger(int at)
    {
        _inTrigger = true;
        Instruction trigger = Read(at);
        _inTrigger = false;
        return trigger;
    }

    private static NamedValue NameAndMaybeValue(Word word)
    {
        int equals = word.Text.IndexOf('=');
        return equals < 0 ? new NamedValue(word.Text, null) : new NamedValue(word.Text[..equals], word.Text[(equals + 1)..]);
    }

    private Instruction Healthcheck(Instruction instruction, int at, int end)
    {
        int kindEnd = at;
        while (kindEnd < end && !char.IsWhiteSpace(_text[kindEnd]))
            kindEnd++;
        if (kindEnd == at)
            return instruction;
        var kind = new Word(line, at, kindEnd, _text[at..kindEnd]);
        while (kindEnd < end && char.IsWhiteSpace(_text[kindEnd]))
            kindEnd++;
        Instruction command = JsonOr(instruction, kindEnd, end, Whole);
        return command with { Words = command.Words.Insert(0, kind) };
    }

    private Instruction JsonOr(Instruction instruction, int at, int end, Func<int, int, ImmutableArray<Word>> otherwise)
    {
        switch (JsonWords.Read(line, at, end, out ImmutableArray<Word> words))
        {
            case JsonForm.Strings:
                return instruction with { Words = words, IsJson = true };
            case JsonForm.NotOnlyStrings:
                problems.Add(DockerfileReader.Problem(instruction.Span, $"the array of `{instruction.Name}` holds something that is no string", help: "the JSON form takes strings in double quotes only"));
                return instruction;
            default:
                return instruction with { Words = otherwise(at, end) };
        }
    }

    private ImmutableArray<Word> Whole(int at, int end) => at == end ? [] : [new Word(line, at, end, _text[at..end])];

    private ImmutableArray<Word> SplitAtSpace(int at, int end)
    {
        var words = ImmutableArray.CreateBuilder<Word>();
        while (at < end)
        {
            int wordEnd = at;
            while (wordEnd < end && !IsSeparator(_text[wordEnd]))
                wordEnd++;
            words.Add(new Word(line, at, wordEnd, _text[at..wordEnd]));
            at = wordEnd;
            while (at < end && IsSeparator(_text[at]))
                at++;
        }
        return words.ToImmutable();
    }

    /// <summary>Words that may hold quoted spaces; the quotes and escapes stay for the expansion to take off.</summary>
    private ImmutableArray<Word> QuotedWords(int at, int end)
    {
        var words = ImmutableArray.CreateBuilder<Word>();
        while (at < end)
        {
            while (at < end && char.IsWhiteSpace(_text[at]))
                at++;
            if (at == end)
                break;
            int start = at;
            var text = new StringBuilder();
            char quote = '\0';
            for (; at < end && (quote != '\0' || !char.IsWhiteSpace(_text[at])); at++)
            {
                char c = _text[at];
                if (c == escape && quote != '\'')
                {
                    if (at + 1 == end)
                        continue;
                    text.Append(c).Append(_text[++at]);
                    continue;
                }
                if (quote == '\0' && c is '\'' or '"')
                    quote = c;
                else if (c == quote)
                    quote = '\0';
                text.Append(c);
            }
            words.Add(new Word(line, start, at, text.ToString()));
        }
        return words.ToImmutable();
    }

    /// <summary><c>name=value ...</c>, or the old form <c>name value with spaces</c>; the first word decides.</summary>
    private ImmutableArray<NamedValue> NamesAndValues(Instruction instruction, int at, int end)
    {
        ImmutableArray<Word> words = QuotedWords(at, end);
        if (words.IsEmpty)
            return [];
        if (!words[0].Text.Contains('='))
        {
            int nameEnd = at;
            while (nameEnd < end && !IsSeparator(_text[nameEnd]))
                nameEnd++;
            int value = nameEnd;
            while (value < end && IsSeparator(_text[value]))
                value++;
            if (value == end)
            {
                problems.Add(DockerfileReader.Problem(instruction.Span, $"`{instruction.Name}` needs a name and a value", help: $"`{instruction.Name} name=value`"));
                return [];
            }
            return [new NamedValue(_text[at..nameEnd], _text[value..end])];
        }
        foreach (Word word in words.Where(w => !w.Text.Contains('=')))
            problems.Add(DockerfileReader.Problem(word.Span, $"`{word.Text}` has no `=`", "expected name=value", "a value with spaces stands in quotes"));
        return [.. words.Where(w => w.Text.Contains('=')).Select(NameAndMaybeValue)];
    }

    private static bool IsSeparator(char c) => c is ' ' or '\t' or '\v' or '\f' or '\r';
}
