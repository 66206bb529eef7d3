using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Devloop.Yaml;

/// <summary>
/// The documents of a YAML file as nodes with places. Never throws: what is wrong comes as diagnostics, and the documents before
/// a place where the syntax breaks are still given.
/// </summary>
public sealed class YamlReader
{
    private const int DeepestNesting = 200;
    private const int MostMergedKeys = 200_000;

    private readonly SourceText _source;
    private readonly string _code;
    private readonly ImmutableArray<Diagnostic>.Builder _problems = ImmutableArray.CreateBuilder<Diagnostic>();
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openAnchors = new(StringComparer.Ordinal);
    private readonly Stack<SourceSpan> _openBrackets = [];
    private readonly Parser _events;
    private int _mergedKeys;

    private YamlReader(SourceText source, string code)
    {
        (_source, _code) = (source, code);
        _events = new Parser(new Scanner(new StringReader(source.Content), skipComments: true));
    }

    /// <param name="code">The diagnostic code of what is no YAML.</param>
    public static Parsed<YamlStream> Read(SourceText source, string code) => new YamlReader(source, code).Read();

    private Parsed<YamlStream> Read()
    {
        var documents = ImmutableArray.CreateBuilder<YamlDocument>();
        try
        {
            _events.Consume<StreamStart>();
            while (_events.TryConsume<DocumentStart>(out _))
            {
                _anchors.Clear();
                int problems = _problems.Count;
                YamlNode root = Node(depth: 0);
                if (root is not YamlScalar { IsNull: true })
                    documents.Add(new YamlDocument(root, IsWhole: _problems.Count == problems));
                _events.Consume<DocumentEnd>();
            }
        }
        catch (YamlProblem problem)
        {
            _problems.Add(problem.Diagnostic);
        }
        catch (YamlException e)
        {
            _problems.Add(Explain(YamlSyntax.SpanOf(_source, e.Start, e.Start), e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner fails so on some broken text, without a mark.
            _problems.Add(Explain(_events.Current is { } last ? YamlSyntax.SpanOf(_source, last.End, last.End) : _source.Span(0, 0), ""));
        }
        return new Parsed<YamlStream>(new YamlStream(documents.ToImmutable()), _problems.ToImmutable());
    }

    private YamlNode Node(int depth)
    {
        ParsingEvent next = _events.Current ?? throw new YamlException("no more events");
        if (depth > DeepestNesting)
            throw new YamlProblem(Problem(Start(next), "the YAML is nested too deeply", $"more than {DeepestNesting} levels", null));
        switch (next)
        {
            case AnchorAlias alias:
                _events.MoveNext();
                return Named(alias);
            case Scalar scalar:
                _events.MoveNext();
                return Remember(scalar, new YamlScalar(YamlSyntax.SpanOf(_source, scalar.Start, scalar.End), scalar.Value, scalar.Style == ScalarStyle.Plain, scalar.Tag.IsEmpty ? "" : scalar.Tag.Value));
            case SequenceStart sequence:
                return Anchored(sequence, sequence.Style == SequenceStyle.Flow, () => new YamlSequence(Start(next), Items(depth + 1)));
            default:
                MappingStart mapping = _events.Require<MappingStart>();
                return Anchored(mapping, mapping.Style == MappingStyle.Flow, () => Mapping(Start(next), depth + 1));
        }
    }

    private YamlNode Anchored(NodeEvent start, bool inBrackets, Func<YamlNode> read)
    {
        if (inBrackets)
            _openBrackets.Push(YamlSyntax.SpanOf(_source, start.Start, start.End));
        _events.MoveNext();
        bool opened = !start.Anchor.IsEmpty && _openAnchors.Add(start.Anchor.Value);
        YamlNode node = read();
        if (opened)
            _openAnchors.Remove(start.Anchor.Value);
        if (inBrackets)
            _openBrackets.Pop();
        return Remember(start, node);
    }

    private YamlNode Remember(NodeEvent start, YamlNode node)
    {
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = node;
        return node;
    }

    private YamlNode Named(AnchorAlias alias)
    {
        string name = alias.Value.Value;
        SourceSpan at = YamlSyntax.SpanOf(_source, alias.Start, alias.End);
        if (_openAnchors.Contains(name))
            _problems.Add(Problem(at, $"the alias `*{name}` stands inside what it names", null, "a value cannot hold itself"));
        else if (_anchors.TryGetValue(name, out YamlNode? known))
            return known;
        else
            _problems.Add(Problem(at, $"the alias `*{name}` has no anchor", null, NearestName.Of(name, _anchors.Keys) is { } near ? $"an anchor with a similar name exists: `&{near}`" : $"`&{name}` before a value names it"));
        return new YamlScalar(at, "", IsPlain: true);
    }

    private ImmutableArray<YamlNode> Items(int depth)
    {
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (!_events.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth));
        return items.ToImmutable();
    }

    private YamlMapping Mapping(SourceSpan at, int depth)
    {
        var written = ImmutableArray.CreateBuilder<YamlPair>();
        while (!_events.TryConsume<MappingEnd>(out _))
        {
            YamlNode key = Node(depth);
            written.Add(new YamlPair(key, Node(depth)));
        }
        return new YamlMapping(at, written.ToImmutable(), Entries(written));
    }

    private ImmutableArray<YamlEntry> Entries(ImmutableArray<YamlPair>.Builder written)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(written.Count);
        var merged = new List<YamlEntry>();
        foreach (YamlPair pair in written)
        {
            if (pair.IsMerge && Merges(pair.Value) is { } more)
                merged.AddRange(more);
            else if (pair.Key is YamlScalar name)
                entries.Add(new YamlEntry(name, pair.Value));
        }
        if (merged.Count == 0)
            return entries.ToImmutable();
        if ((_mergedKeys += merged.Count) > MostMergedKeys)
            throw new YamlProblem(Problem(merged[0].Key.At, "the YAML has too many nodes", "merge keys multiply what they stand for", null));
        var known = entries.Select(e => e.Key.Value).ToHashSet(StringComparer.Ordinal);
        entries.AddRange(merged.Where(e => known.Add(e.Key.Value)));
        return entries.ToImmutable();
    }

    private static IEnumerable<YamlEntry>? Merges(YamlNode value) => value switch
    {
        YamlMapping one => one.Entries,
        YamlSequence several when several.Items.All(i => i is YamlMapping) => several.Items.Cast<YamlMapping>().SelectMany(m => m.Entries),
        _ => null,
    };

    private Diagnostic Explain(SourceSpan at, string reason) => YamlSyntax.Explain(_source, at, reason, _openBrackets.TryPeek(out SourceSpan? bracket) ? bracket : null, _code);

    private SourceSpan Start(ParsingEvent at) => YamlSyntax.SpanOf(_source, at.Start, at.Start);

    private Diagnostic Problem(SourceSpan at, string message, string? label, string? help) =>
        Diagnostic.Error(_code, message) with { At = at, Label = label, Help = help };
}
