using System.Buffers;
using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>One line of an ignore file.</summary>
/// <param name="Text">As it is written, without surrounding space.</param>
/// <param name="At">Null for patterns that stand in no file.</param>
public sealed record IgnoreLine(string Text, SourceSpan? At)
{
    public int? LineNumber => At?.Line;
}

/// <summary>
/// The language of <c>.dockerignore</c> as BuildKit reads and matches it: the last line that matches decides, <c>!</c> takes back,
/// a match of a directory covers what is below it. <c>#</c> is a comment only as the very first character of a line.
/// Safe for several threads; paths of one directory after another are the fast way to ask.
/// </summary>
public sealed class IgnoreRules
{
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*?[]^\\");
    private readonly ImmutableArray<Rule> _rules;
    private readonly bool _exceptionsArePlain;
    private State? _last;

    private IgnoreRules(ImmutableArray<Rule> rules)
    {
        _rules = rules;
        HasExceptions = rules.Any(r => r.IsException);
        _exceptionsArePlain = rules.All(r => !r.IsException || r.PlainStart is not null);
    }

    public static IgnoreRules Empty { get; } = new([]);

    public bool IsEmpty => _rules.IsEmpty;

    public bool HasExceptions { get; }

    /// <summary>The lines as they are written.</summary>
    public IEnumerable<string> Texts => _rules.Select(r => r.Line.Text);

    /// <summary>Reads an ignore file. A pattern with wrong syntax is a <c>DL1023</c>, as BuildKit fails on it.</summary>
    public static Parsed<IgnoreRules> Read(SourceText source)
    {
        var rules = ImmutableArray.CreateBuilder<Rule>();
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        for (int line = 1; line <= source.LineCount; line++)
        {
            string text = source.LineText(line);
            if (line == 1)
                text = text.TrimStart('\uFEFF');
            if (text.StartsWith('#') || string.IsNullOrWhiteSpace(text))
                continue;
            string written = text.Trim();
            SourceSpan at = source.Span(source.LineStart(line) + source.LineText(line).IndexOf(written, StringComparison.Ordinal), written.Length);
            Add(written, new IgnoreLine(written, at), rules, problems);
        }
        return new Parsed<IgnoreRules>(new IgnoreRules(rules.ToImmutable()), problems.ToImmutable());
    }

    /// <summary>Rules from patterns, such as <c>ignore</c> of an image in the config.</summary>
    /// <param name="at">Where the patterns stand, for the diagnostics.</param>
    public static Parsed<IgnoreRules> Of(IEnumerable<string> patterns, SourceSpan? at = null)
    {
        var rules = ImmutableArray.CreateBuilder<Rule>();
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (string written in patterns.Select(p => p.Trim()).Where(p => p.Length > 0))
            Add(written, new IgnoreLine(written, at), rules, problems);
        return new Parsed<IgnoreRules>(new IgnoreRules(rules.ToImmutable()), problems.ToImmutable());
    }

    public bool IsIgnored(string path) => HiddenBy(path) is not null;

    /// <summary>The line that hides a path, or null when none does.</summary>
    /// <param name="path">Relative to the context, with <c>/</c>, without <c>.</c> and <c>..</c> parts.</param>
    public IgnoreLine? HiddenBy(string path) =>
        _rules.IsEmpty || path.Length == 0 ? null : StateOf(path).HiddenBy is >= 0 and var rule ? _rules[rule].Line : null;

    /// <summary>Something below a hidden directory may be taken back by a <c>!</c> line.</summary>
    public bool MayTakeBackBelow(string directory)
    {
        if (!HasExceptions || !_exceptionsArePlain)
            return HasExceptions;
        foreach (Rule rule in _rules)
        {
            if (rule.IsException && rule.PlainStart!.Length > directory.Length && rule.PlainStart[directory.Length] == '/' && rule.PlainStart.StartsWith(directory, StringComparison.Ordinal))
                return true;
            if (rule.IsException && rule.PlainStart == directory)
                return true;
        }
        return false;
    }

    private static void Add(string written, IgnoreLine line, ImmutableArray<Rule>.Builder rules, ImmutableArray<Diagnostic>.Builder problems)
    {
        bool isException = written[0] == '!';
        string pattern = isException ? written[1..].Trim() : written;
        if (pattern.Length > 0)
        {
            pattern = ContextPath.GoClean(pattern);
            if (pattern.Length > 1 && pattern[0] == '/')
                pattern = pattern[1..];
        }
        if (pattern.Length == 0)
            problems.Add(Problem(line, "the pattern `!` names nothing", "`!path` takes a path back"));
        else if (GlobPattern.TryParse(pattern) is { } glob)
            rules.Add(new Rule(glob, isException, PlainStartOf(pattern), line));
        else
            problems.Add(Problem(line, $"the pattern `{written}` has a syntax error", "a class such as `[a-z]` is closed, and a backslash has a character behind it"));
    }

    private static Diagnostic Problem(IgnoreLine line, string message, string help) =>
        Diagnostic.Error(DiagnosticCode.IgnorePattern, message) with { At = line.At, Help = help };

    /// <summary>The pattern without a wildcard at its end; null when one stands elsewhere.</summary>
    private static string? PlainStartOf(string pattern)
    {
        string start = pattern.EndsWith("/**", StringComparison.Ordinal) ? pattern[..^3] : pattern;
        start = start.EndsWith("/*", StringComparison.Ordinal) ? start[..^2] : start;
        return start.AsSpan().IndexOfAny(PatternCharacters) < 0 ? start : null;
    }

    private State StateOf(string path)
    {
        // The walk asks a directory and then what is in it: the chain of the last answer holds the parent.
        State? known = _last;
        while (known is not null && !(path.StartsWith(known.Path, StringComparison.Ordinal) && (path.Length == known.Path.Length || path[known.Path.Length] == '/')))
            known = known.Parent;
        if (known is not null && known.Path.Length == path.Length)
            return known;
        int at = known is null ? 0 : known.Path.Length + 1;
        while (true)
        {
            int slash = path.IndexOf('/', at);
            known = Next(known, slash < 0 ? path : path[..slash]);
            if (slash < 0)
                break;
            at = slash + 1;
        }
        _last = known;
        return known;
    }

    /// <summary>
    /// A rule that matched the directory matches what is below; else it is tried only when it could change the verdict. A rule skipped at
    /// the directory is not tried there again for what is below: BuildKit's walk works so.
    /// </summary>
    private State Next(State? parent, string path)
    {
        var matched = new bool[_rules.Length];
        int hiddenBy = -1;
        for (int i = 0; i < _rules.Length; i++)
        {
            Rule rule = _rules[i];
            bool hit = parent is not null && parent.Matched[i];
            if (!hit && rule.IsException != (hiddenBy >= 0))
                continue;
            hit = hit || rule.Pattern.Matches(path);
            matched[i] = hit;
            if (hit)
                hiddenBy = rule.IsException ? -1 : hiddenBy >= 0 ? hiddenBy : i;
        }
        return new State(path, parent, matched, hiddenBy);
    }

    private sealed record Rule(GlobPattern Pattern, bool IsException, string? PlainStart, IgnoreLine Line);

    private sealed record State(string Path, State? Parent, bool[] Matched, int HiddenBy);
}
