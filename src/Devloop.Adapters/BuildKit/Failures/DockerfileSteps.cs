using System.Globalization;
using System.Text.RegularExpressions;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Adapters.BuildKit.Failures;

/// <summary>
/// Finds the instruction of a Dockerfile that a step of BuildKit is named after. For messages only: it reads just enough of the
/// language to know where instructions begin and end.
/// </summary>
internal sealed partial class DockerfileSteps
{
    private readonly List<Instruction> _instructions = [];
    private readonly SourceText _source;

    public DockerfileSteps(SourceText source)
    {
        _source = source;
        Read();
    }

    /// <summary>
    /// The span of the instruction behind <c>[stage 2/5] RUN make</c> or <c>[internal] load metadata for ...</c>; null when
    /// none or several could be meant.
    /// </summary>
    public SourceSpan? Find(string vertexName)
    {
        if (MetadataName().Match(vertexName) is { Success: true } metadata)
            return OfBase(metadata.Groups["reference"].Value);
        if (StepName().Match(vertexName) is not { Success: true } step)
            return null;

        string text = Squeeze(step.Groups["text"].Value);
        Instruction[] same = [.. _instructions.Where(i => i.Text == text)];
        if (same.Length == 1)
            return same[0].Span;
        int number = int.Parse(step.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        string keyword = text.Split(' ')[0];
        Instruction[] byNumber = [.. (same.Length > 0 ? same : [.. _instructions]).Where(i =>
            i.Number == number && i.Keyword == keyword && IsStage(i, step.Groups["stage"].Value))];
        return byNumber.Length == 1 ? byNumber[0].Span : null;
    }

    /// <summary>The span of a line's instruction; a line inside a continued instruction gives that line alone.</summary>
    public SourceSpan Line(int line) => _source.Line(Math.Clamp(line, 1, _source.LineCount));

    private SourceSpan? OfBase(string reference) => ImageReference.TryParse(reference, out ImageReference? wanted)
        ? _instructions.FirstOrDefault(i => i.Keyword == "FROM" && i.Text.Split(' ').Skip(1).FirstOrDefault(w => !w.StartsWith("--", StringComparison.Ordinal)) is { } written
            && ImageReference.TryParse(written, out ImageReference? named) && named.Name == wanted.Name
            && (named.Tag ?? (named.Digest is null ? "latest" : null)) == wanted.Tag && named.Digest == wanted.Digest)?.Span
        : null;

    /// <summary>A step's bracket may hold platform and stage: <c>[linux/amd64 build 2/5]</c>; a lone stage is not named.</summary>
    private static bool IsStage(Instruction instruction, string stage)
    {
        string name = stage.Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        return name.Length == 0 || name.Contains('/') || string.Equals(name, instruction.StageName, StringComparison.OrdinalIgnoreCase)
            || name == "stage-" + instruction.Stage.ToString(CultureInfo.InvariantCulture);
    }

    private void Read()
    {
        char escape = _source.Content.Split('\n').TakeWhile(l => l.TrimStart().StartsWith('#'))
            .Any(l => EscapeDirective().IsMatch(l)) ? '`' : '\\';
        int stage = -1, number = 0;
        string stageName = "";
        for (int line = 1; line <= _source.LineCount; line++)
        {
            string first = _source.LineText(line).Trim();
            if (first.Length == 0 || first[0] == '#')
                continue;
            int start = line, end = line;
            var text = new List<string> { first };
            while (text[^1].EndsWith(escape) && end < _source.LineCount)
            {
                text[^1] = text[^1][..^1];
                string next = _source.LineText(++end).Trim();
                if (next.Length > 0 && next[0] != '#')
                    text.Add(next);
                else
                    text.Add(escape.ToString()); // comments and empty lines inside do not end it
            }
            string whole = Squeeze(string.Join(' ', text));
            string keyword = whole.Split(' ')[0].ToUpperInvariant();
            whole = keyword + whole[keyword.Length..];
            foreach (Match heredoc in Heredoc().Matches(keyword is "RUN" or "COPY" or "ADD" ? whole : ""))
                end = EndOfHeredoc(end, heredoc);
            if (keyword == "FROM")
            {
                stage++;
                number = 0;
                string[] words = whole.Split(' ');
                stageName = words.Length > 3 && words[^2].Equals("AS", StringComparison.OrdinalIgnoreCase) ? words[^1] : "";
            }
            if (keyword is "FROM" or "RUN" or "COPY" or "ADD" or "WORKDIR") // those that BuildKit counts as steps
                number++;
            _instructions.Add(new Instruction(keyword, whole, stage, stageName, number, _source.Span(_source.LineStart(start), _source.LineText(start).Length)));
            line = end;
        }
    }

    private int EndOfHeredoc(int line, Match heredoc)
    {
        bool tabs = heredoc.Groups["tabs"].Length > 0;
        while (line < _source.LineCount)
        {
            string text = _source.LineText(++line);
            if ((tabs ? text.TrimStart('\t') : text) == heredoc.Groups["word"].Value)
                break;
        }
        return line;
    }

    private static string Squeeze(string text) => Spaces().Replace(text, " ").Trim();

    private sealed record Instruction(string Keyword, string Text, int Stage, string StageName, int Number, SourceSpan Span);

    [GeneratedRegex(@"\A\[(?<stage>[^\]]*?)\s*(?<number>[0-9]{1,6})/[0-9]+\]\s+(?<text>.+)\z", RegexOptions.Singleline)]
    private static partial Regex StepName();

    [GeneratedRegex(@"\A\[internal\] load metadata for (?<reference>\S+)\z")]
    private static partial Regex MetadataName();

    [GeneratedRegex(@"\A\s*#\s*escape\s*=\s*`\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex EscapeDirective();

    [GeneratedRegex(@"<<(?<tabs>-?)(?<quote>[""']?)(?<word>[A-Za-z_][A-Za-z0-9_.]*)\k<quote>")]
    private static partial Regex Heredoc();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
