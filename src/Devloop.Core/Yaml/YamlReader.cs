using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Devloop.Yaml;

/// <summary>The documents of a YAML file as nodes with places. Never throws: what is wrong comes as diagnostics.</summary>
public sealed class YamlReader
{
    private const int DeepestNesting = 100;

    private readonly SourceText _source;
    private readonly ImmutableArray<Diagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
    private readonly Dictionary<string, YamlNode> _anchors = [];
    private readonly Parser _parser;

    private YamlReader(SourceText source)
    {
        _source = source;
        _parser = new Parser(new Scanner(new StringReader(source.Content), skipComments: true));
    }

    /// <summary>Reads every document; an empty document is left out.</summary>
    public static Parsed<YamlStream> Read(SourceText source)
    {
        var reader = new YamlReader(source);
        var documents = ImmutableArray.CreateBuilder<YamlNode>();
        try
        {
            reader._parser.Consume<StreamStart>();
            while (reader._parser.TryConsume<DocumentStart>(out _))
            {
                reader._anchors.Clear();
                YamlNode root = reader.Node(depth: 0);
                if (root is not YamlScalar { IsNull: true })
                    documents.Add(root);
                reader._parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException e)
        {
            reader._diagnostics.Add(YamlSyntax.Explain(source, e));
        }
        catch (TooDeepException)
        {
            reader._diagnostics.Add(Diagnostic.Error(DiagnosticCode.ConfigSyntax, $"more than {DeepestNesting} levels of nesting")
                with { At = reader.SpanAt(reader._parser.Current?.Start ?? Mark.Empty, 1) });
        }
        return new Parsed<YamlStream>(new YamlStream(documents.ToImmutable()), reader._diagnostics.ToImmutable());
    }

    private YamlNode Node(int depth)
    {
        if (depth > DeepestNesting)
            throw new TooDeepException();
        ParsingEvent next = _parser.Current ?? throw new YamlException("no more events");
        switch (next)
        {
            case Scalar scalar:
                _parser.MoveNext();
                return Remember(scalar.Anchor, Read(scalar));
            case AnchorAlias alias:
                _parser.MoveNext();
                return _anchors.TryGetValue(alias.Value.Value, out YamlNode? known) ? known : UnknownAlias(alias);
            case SequenceStart sequence:
                _parser.MoveNext();
                var items = ImmutableArray.CreateBuilder<YamlNode>();
                while (_parser.Current is not SequenceEnd)
                    items.Add(Node(depth + 1));
                _parser.Consume<SequenceEnd>();
                return Remember(sequence.Anchor, new YamlSequence(SpanAt(next.Start, 1), items.ToImmutable()));
        }
        MappingStart mapping = _parser.Consume<MappingStart>();
        return Remember(mapping.Anchor, new YamlMapping(SpanAt(next.Start, 1), Entries(depth + 1)));
    }

    private ImmutableArray<YamlEntry> Entries(int depth)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var merged = new List<YamlEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode key = Node(depth);
            YamlNode value = Node(depth);
            if (key is YamlScalar { IsPlain: true, Value: "<<" } && Merges(value) is { } more)
                merged.AddRange(more);
            else if (key is YamlScalar name)
                entries.Add(new YamlEntry(name, value));
            else
                _diagnostics.Add(Diagnostic.Error(DiagnosticCode.WrongType, "a key is a text here, not a list or a mapping") with { At = key.At });
        }
        // A merge key (YAML 1.1): what the mapping says itself goes before what it takes over, and earlier before later.
        foreach (YamlEntry entry in merged)
        {
            if (!entries.Any(e => e.Key.Value == entry.Key.Value))
                entries.Add(entry);
        }
        return entries.ToImmutable();
    }

    private static IEnumerable<YamlEntry>? Merges(YamlNode value) => value switch
    {
        YamlMapping one => one.Entries,
        YamlSequence several when several.Items.All(i => i is YamlMapping) => several.Items.Cast<YamlMapping>().SelectMany(m => m.Entries),
        _ => null,
    };

    private YamlScalar Read(Scalar scalar)
    {
        int length = (int)Math.Max(1, scalar.End.Line == scalar.Start.Line ? scalar.End.Column - scalar.Start.Column : 1);
        return new YamlScalar(SpanAt(scalar.Start, length), scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlNode Remember(AnchorName anchor, YamlNode node)
    {
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
        return node;
    }

    private YamlScalar UnknownAlias(AnchorAlias alias)
    {
        SourceSpan at = SpanAt(alias.Start, alias.Value.Value.Length + 1);
        _diagnostics.Add(Diagnostic.Error(DiagnosticCode.ConfigSyntax, $"no anchor `&{alias.Value.Value}` stands before this alias") with
        {
            At = at,
            Help = NearestName.Of(alias.Value.Value, _anchors.Keys) is { } near ? $"an anchor with a similar name exists: `&{near}`" : "an anchor is written as `&name` before its value",
        });
        return new YamlScalar(at, "", IsPlain: true);
    }

    private SourceSpan SpanAt(Mark mark, int length) => YamlSyntax.SpanAt(_source, mark, length);

    private sealed class TooDeepException : Exception;
}

/// <summary>The documents of a file, in their order.</summary>
public sealed record YamlStream(ImmutableArray<YamlNode> Documents);
