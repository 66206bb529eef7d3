using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Devloop.Text;

/// <summary>A path to fields in the dialect of kubectl: <c>{.spec.image}</c>, <c>.spec.images[0]</c>, <c>spec.images[*].ref</c>, <c>.spec.images[?(@.name=="web")].ref</c>, <c>.data['a.b']</c>, <c>.data.a\.b</c>.</summary>
public sealed class JsonPath
{
    private readonly ImmutableArray<Step> _steps;

    private JsonPath(string text, ImmutableArray<Step> steps) => (Text, _steps) = (text, steps);

    public string Text { get; }

    /// <summary>Reads a path; null when its syntax is wrong.</summary>
    public static JsonPath? TryParse(string text)
    {
        string path = text.Trim();
        if (path.StartsWith('{') && path.EndsWith('}'))
            path = path[1..^1].Trim();
        if (path.StartsWith('$'))
            path = path[1..];
        var steps = ImmutableArray.CreateBuilder<Step>();
        int at = 0;
        while (at < path.Length)
        {
            Step? step = path[at] == '[' ? Bracket(path, ref at) : Name(path, ref at);
            if (step is not { } found)
                return null;
            steps.Add(found);
        }
        return steps.Count == 0 ? null : new JsonPath(text, steps.ToImmutable());
    }

    /// <summary>The nodes that a path leads to; a missing field gives none.</summary>
    public IEnumerable<JsonNode> Select(JsonNode root)
    {
        IEnumerable<JsonNode> nodes = [root];
        foreach (Step step in _steps)
            nodes = nodes.SelectMany(step.Select);
        return nodes;
    }

    public override string ToString() => Text;

    private static Step? Name(string path, ref int at)
    {
        if (path[at] == '.')
            at++;
        else if (at > 0)
            return null;
        var name = new StringBuilder();
        for (; at < path.Length && path[at] is not ('.' or '['); at++)
        {
            if (path[at] == '\\' && at + 1 < path.Length)
                at++;
            name.Append(path[at]);
        }
        return name.ToString() switch
        {
            "" => null,
            "*" => new Step(null, null, null),
            string key => new Step(key, null, null),
        };
    }

    private static Step? Bracket(string path, ref int at)
    {
        if (path.AsSpan(at).StartsWith("[?("))
            return Filter(path, ref at);
        int close = path.IndexOf(']', at);
        if (close < 0)
            return null;
        string inside = path[(at + 1)..close].Trim();
        at = close + 1;
        if (inside == "*")
            return new Step(null, null, null);
        if (inside.Length > 1 && inside[0] is '\'' or '"' && inside[^1] == inside[0])
            return new Step(inside[1..^1], null, null);
        return int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index) ? new Step(null, index, null) : null;
    }

    /// <summary><c>[?(@.name=="web")]</c>: elements of a list with such a field; <c>!=</c> and a field alone are possible too.</summary>
    private static Step? Filter(string path, ref int at)
    {
        int close = path.IndexOf(")]", at, StringComparison.Ordinal);
        if (close < 0)
            return null;
        string inside = path[(at + 3)..close].Trim();
        at = close + 2;
        int unequal = inside.IndexOf("!=", StringComparison.Ordinal), sign = unequal >= 0 ? unequal : inside.IndexOf("==", StringComparison.Ordinal);
        string field = (sign < 0 ? inside : inside[..sign]).Trim();
        string? value = sign < 0 ? null : inside[(sign + 2)..].Trim();
        if (value is { Length: > 1 } && value[0] is '\'' or '"' && value[^1] == value[0])
            value = value[1..^1];
        else if (value is not null && (value.Length == 0 || value[0] is '\'' or '"'))
            return null;
        return field.StartsWith('@') && TryParse(field[1..]) is { } tested ? new Step(null, null, new Test(tested, value, unequal < 0)) : null;
    }

    /// <param name="Value">What the field is compared with; null asks whether it is there.</param>
    private sealed record Test(JsonPath Field, string? Value, bool IsEqual)
    {
        public bool Takes(JsonNode node) => Field.Select(node).FirstOrDefault() is { } found
            ? Value is null || ((found is JsonValue value ? value.ToString() : null) == Value) == IsEqual
            : Value is not null && !IsEqual;
    }

    /// <param name="Key">A field; null with a null index for everything in a list or mapping.</param>
    /// <param name="Test">Which elements of a list; null is all.</param>
    private readonly record struct Step(string? Key, int? Index, Test? Test)
    {
        public IEnumerable<JsonNode> Select(JsonNode node)
        {
            if (Key is not null)
                return node is JsonObject map && map[Key] is { } value ? [value] : [];
            if (Index is { } index)
            {
                if (node is not JsonArray items)
                    return [];
                int at = index < 0 ? items.Count + index : index;
                return at >= 0 && at < items.Count && items[at] is { } item ? [item] : [];
            }
            if (Test is { } test)
                return node is JsonArray some ? some.OfType<JsonNode>().Where(test.Takes) : [];
            return node switch
            {
                JsonArray all => all.OfType<JsonNode>(),
                JsonObject all => all.Select(p => p.Value).OfType<JsonNode>(),
                _ => [],
            };
        }
    }
}
