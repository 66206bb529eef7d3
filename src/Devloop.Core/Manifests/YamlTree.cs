using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Devloop.Manifests;

/// <summary>One document: its JSON and where objects and image fields stand.</summary>
internal sealed record YamlDocument(JsonNode? Root, SourceSpan At, Dictionary<JsonNode, SourceSpan> Spans);

/// <summary>Builds JSON from YAML events, so that every node has its place and every problem a line and a column.</summary>
internal sealed class YamlTree(SourceText source)
{
    private const int DeepestNesting = 200;
    private const int MostNodes = 2_000_000;

    private readonly Dictionary<string, JsonNode?> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openAnchors = new(StringComparer.Ordinal);
    private Dictionary<JsonNode, SourceSpan> _spans = new(ReferenceEqualityComparer.Instance);
    private Parser _events = null!;
    private int _nodes;

    /// <summary>Reads all documents up to the first problem.</summary>
    public List<YamlDocument> Read(List<Diagnostic> problems)
    {
        var documents = new List<YamlDocument>();
        try
        {
            _events = new Parser(new StringReader(source.Content));
            _events.MoveNext();
            while (_events.MoveNext() && _events.Current is not StreamEnd)
            {
                if (_events.Current is not DocumentStart)
                    continue;
                _events.MoveNext();
                _anchors.Clear();
                _spans = new Dictionary<JsonNode, SourceSpan>(ReferenceEqualityComparer.Instance);
                SourceSpan at = Span(_events.Current!);
                documents.Add(new YamlDocument(Node(0), at, _spans));
            }
        }
        catch (YamlProblem problem)
        {
            problems.Add(problem.Diagnostic);
        }
        catch (YamlException exception)
        {
            problems.Add(YamlSyntax.Describe(source, exception));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner fails so on some broken text, without a mark.
            problems.Add(YamlSyntax.Problem(source.Span(_events.Current is { } last ? YamlSyntax.At(source, last.End).Start : 0, 0), "this is not valid YAML", null, null));
        }
        return documents;
    }

    /// <summary>Reads the node at the current event and leaves the parser on its last event.</summary>
    private JsonNode? Node(int depth)
    {
        ParsingEvent start = _events.Current!;
        if (depth > DeepestNesting)
            throw Problem(start, "the YAML is nested too deeply", $"more than {DeepestNesting} levels");
        if (++_nodes > MostNodes)
            throw Problem(start, "the YAML has too many nodes", "aliases multiply what they stand for");
        switch (start)
        {
            case AnchorAlias alias:
                if (_openAnchors.Contains(alias.Value.Value))
                    throw Problem(start, $"the alias `*{alias.Value.Value}` stands inside what it names");
                if (!_anchors.TryGetValue(alias.Value.Value, out JsonNode? anchored))
                    throw Problem(start, $"the alias `*{alias.Value.Value}` has no anchor", help: $"`&{alias.Value.Value}` before it names a value");
                return Copy(anchored, start);
            case Scalar scalar:
                JsonNode? value = Value(scalar);
                Remember(scalar, value);
                return value;
            case SequenceStart sequence:
                return Anchored(sequence, () => Sequence(depth));
            case MappingStart mapping:
                return Anchored(mapping, () => Mapping(depth));
            default:
                throw Problem(start, "this is not valid YAML");
        }
    }

    private JsonNode? Anchored(NodeEvent start, Func<JsonNode?> read)
    {
        string? anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        bool opened = anchor is not null && _openAnchors.Add(anchor);
        JsonNode? value = read();
        if (opened)
            _openAnchors.Remove(anchor!);
        Remember(start, value);
        return value;
    }

    private void Remember(NodeEvent start, JsonNode? value)
    {
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = value;
    }

    private JsonArray Sequence(int depth)
    {
        var items = new JsonArray();
        while (_events.MoveNext() && _events.Current is not SequenceEnd)
        {
            SourceSpan at = Span(_events.Current!);
            JsonNode? item = Node(depth + 1);
            if (item is JsonObject)
                _spans[item] = at;
            items.Add(item);
        }
        return items;
    }

    private JsonObject Mapping(int depth)
    {
        var map = new JsonObject();
        var own = new HashSet<string>(StringComparer.Ordinal);
        while (_events.MoveNext() && _events.Current is not MappingEnd)
        {
            ParsingEvent keyEvent = _events.Current!;
            bool isMerge = keyEvent is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            string key = isMerge ? "<<" : Key(keyEvent, depth);
            _events.MoveNext();
            ParsingEvent valueEvent = _events.Current!;
            JsonNode? value = Node(depth + 1);
            if (isMerge)
            {
                Merge(map, value, valueEvent);
                continue;
            }
            if (!own.Add(key))
                throw Problem(keyEvent, $"the key `{key}` stands twice", "already given in this mapping");
            if (value is JsonValue && key is "image" or "reference")
                _spans[value!] = Span(valueEvent);
            map[key] = value;
        }
        return map;
    }

    /// <summary>
    /// Takes over the keys of other mappings; of several the first wins. It works where it stands: keys before it are overwritten, keys after
    /// it overwrite. YAML's own rule lets all keys of the mapping win, but this is what kubectl does.
    /// </summary>
    private void Merge(JsonObject map, JsonNode? value, ParsingEvent at)
    {
        JsonObject[] sources = value switch
        {
            JsonObject one => [one],
            JsonArray many when many.All(m => m is JsonObject) => [.. many.Cast<JsonObject>().Reverse()],
            _ => throw Problem(at, "`<<` merges a mapping or a list of mappings"),
        };
        foreach ((string key, JsonNode? merged) in sources.SelectMany(s => s))
            map[key] = Copy(merged, at);
    }

    /// <summary>Keys become text as kubectl makes them: <c>yes</c> is <c>true</c>, <c>010</c> is <c>8</c>.</summary>
    private string Key(ParsingEvent at, int depth)
    {
        JsonNode? key = Node(depth + 1);
        return key switch
        {
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            JsonValue value => value.ToJsonString(),
            null => throw Problem(at, "a key is null"),
            _ => throw Problem(at, "a key is a mapping or a list"),
        };
    }

    private JsonNode? Value(Scalar scalar)
    {
        string tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        bool isText = tag is "tag:yaml.org,2002:str" or "!" || (tag.Length == 0 && scalar.Style != ScalarStyle.Plain)
            || (tag.Length > 0 && !tag.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal));
        if (isText)
            return JsonValue.Create(scalar.Value);
        if (tag == "tag:yaml.org,2002:binary")
        {
            byte[] bytes = new byte[scalar.Value.Length];
            return Convert.TryFromBase64String(scalar.Value, bytes, out int written)
                ? JsonValue.Create(Encoding.UTF8.GetString(bytes, 0, written))
                : throw Problem(scalar, "a `!!binary` value is not base64");
        }
        if (YamlScalars.TryValue(scalar.Value, out JsonNode? value))
            return tag == "tag:yaml.org,2002:float" && YamlScalars.KindOf(scalar.Value) == ScalarKind.Integer ? JsonValue.Create(double.Parse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)) : value;
        throw Problem(scalar, $"`{scalar.Value}` is a number that JSON cannot hold", help: "quotes make it text");
    }

    private JsonNode? Copy(JsonNode? node, ParsingEvent at)
    {
        _nodes += Count(node);
        if (_nodes > MostNodes)
            throw Problem(at, "the YAML has too many nodes", "aliases multiply what they stand for");
        return node?.DeepClone();
    }

    private static int Count(JsonNode? node) => 1 + node switch
    {
        JsonObject map => map.Sum(p => Count(p.Value)),
        JsonArray list => list.Sum(Count),
        _ => 0,
    };

    private YamlProblem Problem(ParsingEvent at, string message, string? label = null, string? help = null) => new(YamlSyntax.Problem(Span(at), message, label, help));

    private SourceSpan Span(ParsingEvent at) => SpanOf(at, source);

    private static SourceSpan SpanOf(ParsingEvent at, SourceText source)
    {
        SourceSpan start = YamlSyntax.At(source, at.Start);
        SourceSpan end = YamlSyntax.At(source, at.End);
        return source.Span(start.Start, Math.Max(0, end.Start - start.Start));
    }
}

/// <summary>Ends the reading of a file from deep inside; never leaves <see cref="YamlTree"/>.</summary>
internal sealed class YamlProblem(Diagnostic diagnostic) : Exception
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
