using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Devloop.Text;

/// <summary>A path to fields in the dialect of kubectl: <c>{.spec.image}</c>, <c>.spec.images[0]</c>, <c>spec.images[*].ref</c>, <c>.data['a.b']</c>, <c>.data.a\.b</c>.</summary>
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
            "*" => new Step(null, null),
            string key => new Step(key, null),
        };
    }

    private static Step? Bracket(string path, ref int at)
    {
        int close = path.IndexOf(']', at);
        if (close < 0)
            return null;
        string inside = path[(at + 1)..close].Trim();
        at = close + 1;
        if (inside == "*")
            return new Step(null, null);
        if (inside.Length > 1 && inside[0] is '\'' or '"' && inside[^1] == inside[0])
            return new Step(inside[1..^1], null);
        return int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index) ? new Step(null, index) : null;
    }

    /// <param name="Key">A field; null with a null index for everything in a list or mapping.</param>
    private readonly record struct Step(string? Key, int? Index)
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
            return node switch
            {
                JsonArray all => all.OfType<JsonNode>(),
                JsonObject all => all.Select(p => p.Value).OfType<JsonNode>(),
                _ => [],
            };
        }
    }
}
