using System.Collections.Immutable;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// Reads the language that BuildKit's Dockerfile frontend accepts. What BuildKit would reject is a <c>DL1020</c> with its line; all
/// of them are reported, not the first only. Lines end at LF, as BuildKit splits them.
/// </summary>
public static class DockerfileReader
{
    public static Parsed<Dockerfile> Read(SourceText source) => new DockerfileScan(source).Read();

    internal static Diagnostic Problem(SourceSpan at, string message, string? label = null, string? help = null) =>
        Diagnostic.Error(DiagnosticCode.DockerfileSyntax, message) with { At = at, Label = label, Help = help };
}

/// <summary>One pass over one file.</summary>
internal sealed class DockerfileScan(SourceText source)
{
    private readonly string _text = source.Content;
    private readonly ImmutableArray<Diagnostic>.Builder _problems = ImmutableArray.CreateBuilder<Diagnostic>();
    private readonly ParserDirectives _directives = new(source);
    private readonly StringBuilder _joined = new();
    private int _at;

    public Parsed<Dockerfile> Read()
    {
        if (_text.StartsWith('\uFEFF'))
            _at = 1;
        var stages = new StageAssembly(source, _problems);
        while (_at < _text.Length)
        {
            if (NextLogicalLine() is not { } line)
                continue;
            Instruction instruction = new InstructionReader(line, _directives.Escape, _problems).Read(0);
            if (instruction.Trigger is { } trigger && HeredocWords.MayStandIn(trigger))
                instruction = instruction with { Trigger = trigger with { Heredocs = ReadHeredocs(line) } };
            else if (HeredocWords.MayStandIn(instruction))
                instruction = instruction with { Heredocs = ReadHeredocs(line) };
            InstructionRules.Check(instruction, _problems);
            stages.Add(instruction);
        }
        Dockerfile dockerfile = stages.Finish() with { Escape = _directives.Escape, Directives = _directives.Found };
        _problems.AddRange(_directives.Problems);
        return new Parsed<Dockerfile>(dockerfile, [.. _problems.OrderBy(p => p.At?.Start ?? 0)]);
    }

    /// <summary>The next instruction's text with continuations joined; null when the next line holds none.</summary>
    private LogicalLine? NextLogicalLine()
    {
        (int start, int end) = NextLine();
        start = SkipSpace(start, end);
        _directives.Offer(start, end);
        if (start == end || _text[start] == '#')
            return null;
        bool continues = TrimContinuation(start, ref end);
        if (!continues)
            return new LogicalLine(source, _text[start..end], start);

        StringBuilder joined = _joined.Clear().Append(_text, start, end - start);
        List<LogicalLine.Piece> pieces = [new(0, start)];
        while (continues && _at < _text.Length)
        {
            (start, end) = NextLine();
            int content = SkipSpace(start, end);
            if (content == end || _text[content] == '#')
                continue;
            continues = TrimContinuation(start, ref end);
            if (end > start)
                pieces.Add(new LogicalLine.Piece(joined.Length, start));
            joined.Append(_text, start, end - start);
        }
        return new LogicalLine(source, joined.ToString(), [.. pieces]);
    }

    private ImmutableArray<Heredoc> ReadHeredocs(LogicalLine line)
    {
        if (!line.Text.Contains("<<", StringComparison.Ordinal))
            return [];
        var heredocs = ImmutableArray.CreateBuilder<Heredoc>();
        foreach (HeredocWord word in HeredocWords.In(line.Text))
        {
            int contentStart = _at, contentEnd = _at;
            bool ended = false;
            while (!ended && _at < _text.Length)
            {
                contentEnd = _at;
                (int start, int end) = NextLine();
                ReadOnlySpan<char> text = _text.AsSpan(start, end - start);
                ended = (word.StripsTabs ? text.TrimStart('\t') : text).SequenceEqual(word.Name);
            }
            if (!ended)
            {
                _problems.Add(DockerfileReader.Problem(line.Span(0, line.Text.Length), "unterminated heredoc", $"`{word.Name}` never ends",
                    $"a line that holds only `{word.Name}` ends the heredoc"));
                contentEnd = _text.Length;
            }
            heredocs.Add(new Heredoc(word.Name, _text[contentStart..contentEnd], word.Expands, word.StripsTabs, source.Span(contentStart, contentEnd - contentStart)));
        }
        return heredocs.ToImmutable();
    }

    /// <summary>The next physical line without its end.</summary>
    private (int Start, int End) NextLine()
    {
        int start = _at;
        int newline = _text.IndexOf('\n', start);
        int end = newline < 0 ? _text.Length : newline;
        _at = newline < 0 ? _text.Length : newline + 1;
        while (end > start && _text[end - 1] == '\r')
            end--;
        return (start, end);
    }

    private int SkipSpace(int start, int end)
    {
        while (start < end && char.IsWhiteSpace(_text[start]))
            start++;
        return start;
    }

    /// <summary>Takes the escape character at the end of a line off; two of them are no continuation.</summary>
    private bool TrimContinuation(int start, ref int end)
    {
        int last = end - 1;
        while (last >= start && _text[last] is ' ' or '\t')
            last--;
        if (last < start || _text[last] != _directives.Escape || (last > start && _text[last - 1] == _directives.Escape))
            return false;
        end = last;
        return true;
    }
}
