using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Devloop.Diagnostics;

namespace Devloop.Dockerfiles;

/// <summary>Splits one joined line into name, flags and words, each instruction in its own way.</summary>
internal sealed class InstructionReader(LogicalLine line, char escape, ImmutableArray<Diagnostic>.Builder problems)
{
    private readonly string _text = line.Text;
    private readonly List<Word> _words = [];
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
        string name = InstructionRules.NameOf(_text.AsSpan(index, nameEnd - index));
        int at = nameEnd;
        ImmutableArray<Flag> flags = FlagReader.Read(line, ref at, end);
        while (at < end && char.IsWhiteSpace(_text[at]))
            at++;
        Contents contents = name switch
        {
            "FROM" or "EXPOSE" => new(SplitAtSpace(at, end)),
            "ADD" or "COPY" or "VOLUME" => JsonOr(name, index, at, end, splits: true),
            "RUN" or "CMD" or "ENTRYPOINT" or "SHELL" => JsonOr(name, index, at, end, splits: false),
            "HEALTHCHECK" => Healthcheck(index, at, end),
            "ENV" or "LABEL" => new() { Pairs = NamesAndValues(name, index, at, end) },
            "ARG" => OfArg(QuotedWords(at, end)),
            "ONBUILD" when at < end && !_inTrigger => new() { Trigger = ReadTrigger(at) },
            _ => new(Whole(at, end)),
        };
        return new Instruction
        {
            Name = name,
            Line = line,
            Start = index,
            ArgumentsStart = at,
            End = end,
            Flags = flags,
            Words = contents.Words.IsDefault ? [] : contents.Words,
            Pairs = contents.Pairs.IsDefault ? [] : contents.Pairs,
            IsJson = contents.IsJson,
            Trigger = contents.Trigger,
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

    private static Contents OfArg(ImmutableArray<Word> words)
    {
        var pairs = new NamedValue[words.Length];
        for (int i = 0; i < pairs.Length; i++)
            pairs[i] = NameAndMaybeValue(words[i]);
        return new(words) { Pairs = ImmutableCollectionsMarshal.AsImmutableArray(pairs) };
    }

    private Contents Healthcheck(int index, int at, int end)
    {
        int kindEnd = at;
        while (kindEnd < end && !char.IsWhiteSpace(_text[kindEnd]))
            kindEnd++;
        if (kindEnd == at)
            return default;
        var kind = new Word(line, at, kindEnd, _text[at..kindEnd]);
        while (kindEnd < end && char.IsWhiteSpace(_text[kindEnd]))
            kindEnd++;
        Contents command = JsonOr("HEALTHCHECK", index, kindEnd, end, splits: false);
        return command with { Words = command.Words.IsDefault ? [kind] : command.Words.Insert(0, kind) };
    }

    private Contents JsonOr(string name, int index, int at, int end, bool splits)
    {
        switch (JsonWords.Read(line, at, end, out ImmutableArray<Word> words))
        {
            case JsonForm.Strings:
                return new(words) { IsJson = true };
            case JsonForm.NotOnlyStrings:
                problems.Add(DockerfileReader.Problem(line.Span(index, end), $"the array of `{name}` holds something that is no string", help: "the JSON form takes strings in double quotes only"));
                return default;
            default:
                return new(splits ? SplitAtSpace(at, end) : Whole(at, end));
        }
    }

    private ImmutableArray<Word> Whole(int at, int end) => at == end ? [] : [new Word(line, at, end, _text[at..end])];

    private ImmutableArray<Word> SplitAtSpace(int at, int end)
    {
        _words.Clear();
        while (at < end)
        {
            int wordEnd = at;
            while (wordEnd < end && !IsSeparator(_text[wordEnd]))
                wordEnd++;
            _words.Add(new Word(line, at, wordEnd, _text[at..wordEnd]));
            at = wordEnd;
            while (at < end && IsSeparator(_text[at]))
                at++;
        }
        return [.. _words];
    }

    /// <summary>Words that may hold quoted spaces; the quotes and escapes stay for the expansion to take off.</summary>
    private ImmutableArray<Word> QuotedWords(int at, int end)
    {
        _words.Clear();
        while (at < end)
        {
            while (at < end && char.IsWhiteSpace(_text[at]))
                at++;
            if (at == end)
                break;
            int start = at;
            bool endsInEscape = false;
            char quote = '\0';
            for (; at < end && (quote != '\0' || !char.IsWhiteSpace(_text[at])); at++)
            {
                char c = _text[at];
                if (c == escape && quote != '\'')
                    endsInEscape = ++at >= end; // nothing is left to escape
                else if (quote == '\0' && c is '\'' or '"')
                    quote = c;
                else if (c == quote)
                    quote = '\0';
            }
            at = Math.Min(at, end);
            _words.Add(new Word(line, start, at, _text[start..(endsInEscape ? at - 1 : at)]));
        }
        return [.. _words];
    }

    /// <summary><c>name=value ...</c>, or the old form <c>name value with spaces</c>; the first word decides.</summary>
    private ImmutableArray<NamedValue> NamesAndValues(string name, int index, int at, int end)
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
                problems.Add(DockerfileReader.Problem(line.Span(index, end), $"`{name}` needs a name and a value", help: $"`{name} name=value`"));
                return [];
            }
            return [new NamedValue(_text[at..nameEnd], _text[value..end])];
        }
        var pairs = new List<NamedValue>(words.Length);
        foreach (Word word in words)
        {
            if (word.Text.Contains('='))
                pairs.Add(NameAndMaybeValue(word));
            else
                problems.Add(DockerfileReader.Problem(word.Span, $"`{word.Text}` has no `=`", "expected name=value", "a value with spaces stands in quotes"));
        }
        return [.. pairs];
    }

    private static bool IsSeparator(char c) => c is ' ' or '\t' or '\v' or '\f' or '\r';

    /// <summary>What stands behind the flags; arrays that an instruction does not have are left at their default.</summary>
    private readonly record struct Contents(ImmutableArray<Word> Words)
    {
        public ImmutableArray<NamedValue> Pairs { get; init; }

        public bool IsJson { get; init; }

        public Instruction? Trigger { get; init; }
    }
}
