using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Yaml;

/// <summary>
/// Makes JSON of YAML as kubectl does (sigs.k8s.io/yaml): YAML 1.1 values, keys as text, merge keys where they stand. Aliases are
/// written out, so an amount of nodes bounds what one file may become.
/// </summary>
/// <param name="code">The diagnostic code of what JSON cannot hold.</param>
internal sealed class YamlJson(string code)
{
    private const int DeepestNesting = 200;
    private const int MostNodes = 2_000_000;

    private Dictionary<JsonNode, SourceSpan> _places = [];
    private int _nodes;

    /// <summary>The JSON of one document, or the first problem of it. Amounts count over all documents that one instance makes.</summary>
    /// <param name="places">Where the objects of lists and the texts of <c>image</c> and <c>reference</c> stand; by reference.</param>
    public Diagnostic? Convert(YamlNode root, out JsonNode? json, out Dictionary<JsonNode, SourceSpan> places)
    {
        _places = places = new Dictionary<JsonNode, SourceSpan>(ReferenceEqualityComparer.Instance);
        json = null;
        try
        {
            json = Node(root, 0);
            return null;
        }
        catch (YamlProblem problem)
        {
            return problem.Diagnostic;
        }
    }

    private JsonNode? Node(YamlNode node, int depth)
    {
        if (depth > DeepestNesting)
            throw Problem(node.At, "the YAML is nested too deeply", $"more than {DeepestNesting} levels");
        if (++_nodes > MostNodes)
            throw Problem(node.At, "the YAML has too many nodes", "aliases multiply what they stand for");
        return node switch
        {
            YamlScalar scalar => Value(scalar),
            YamlSequence sequence => List(sequence, depth),
            YamlMapping mapping => Map(mapping, depth),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private JsonArray List(YamlSequence sequence, int depth)
    {
        var items = new JsonArray();
        foreach (YamlNode each in sequence.Items)
        {
            JsonNode? item = Node(each, depth + 1);
            if (item is JsonObject)
                _places[item] = each.At;
            items.Add(item);
        }
        return items;
    }

    private JsonObject Map(YamlMapping mapping, int depth)
    {
        var map = new JsonObject();
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlPair pair in mapping.Written)
        {
            if (pair.IsMerge)
            {
                Merge(map, Node(pair.Value, depth + 1), pair.Value);
                continue;
            }
            string key = Key(pair.Key, depth);
            JsonNode? value = Node(pair.Value, depth + 1);
            if (!own.Add(key))
                throw Problem(pair.Key.At, $"the key `{key}` stands twice", "already given in this mapping");
            if (value is JsonValue && key is "image" or "reference")
                _places[value!] = pair.Value.At;
            map[key] = value;
        }
        return map;
    }

    /// <summary>
    /// Takes over the keys of other mappings; of several the first wins. It works where it stands: keys before it are overwritten, keys after
    /// it overwrite. YAML's own rule lets all keys of the mapping win, but this is what kubectl does.
    /// </summary>
    private void Merge(JsonObject map, JsonNode? value, YamlNode at)
    {
        JsonObject[] sources = value switch
        {
            JsonObject one => [one],
            JsonArray many when many.All(m => m is JsonObject) => [.. many.Cast<JsonObject>().Reverse()],
            _ => throw Problem(at.At, "`<<` merges a mapping or a list of mappings"),
        };
        foreach (JsonObject source in sources)
        {
            foreach ((string key, JsonNode? merged) in source.ToArray())
            {
                source.Remove(key);
                map[key] = merged;
            }
        }
    }

    /// <summary>Keys become text as kubectl makes them: <c>yes</c> is <c>true</c>, <c>010</c> is <c>8</c>.</summary>
    private string Key(YamlNode at, int depth) => Node(at, depth + 1) switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value => value.ToJsonString(),
        null => throw Problem(at.At, "a key is null"),
        _ => throw Problem(at.At, "a key is a mapping or a list"),
    };

    private JsonNode? Value(YamlScalar scalar)
    {
        bool isText = scalar.Tag is "tag:yaml.org,2002:str" or "!" || (scalar.Tag.Length == 0 && !scalar.IsPlain)
            || (scalar.Tag.Length > 0 && !scalar.Tag.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal));
        if (isText)
            return JsonValue.Create(scalar.Value);
        if (scalar.Tag == "tag:yaml.org,2002:binary")
        {
            byte[] bytes = new byte[scalar.Value.Length];
            return System.Convert.TryFromBase64String(scalar.Value, bytes, out int written)
                ? JsonValue.Create(Encoding.UTF8.GetString(bytes, 0, written))
                : throw Problem(scalar.At, "a `!!binary` value is not base64");
        }
        if (!YamlScalars.TryValue(scalar.Value, out JsonNode? value))
            throw Problem(scalar.At, $"`{scalar.Value}` is a number that JSON cannot hold", help: "quotes make it text");
        return scalar.Tag == "tag:yaml.org,2002:float" && YamlScalars.KindOf(scalar.Value) == ScalarKind.Integer
            ? JsonValue.Create(double.Parse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture))
            : value;
    }

    private YamlProblem Problem(SourceSpan at, string message, string? label = null, string? help = null) =>
        new(Diagnostic.Error(code, message) with { At = at, Label = label, Help = help });
}
