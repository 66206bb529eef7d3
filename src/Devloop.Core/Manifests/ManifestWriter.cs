using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Yaml;

namespace Devloop.Manifests;

/// <summary>
/// Writes objects as YAML for people: keys in the order they came in, two spaces, text in quotes exactly when a YAML 1.1 or 1.2 reader
/// would take it for something else, several lines as a block. kubectl reads the same values back.
/// </summary>
public static class ManifestWriter
{
    public static string Write(IEnumerable<JsonObject> objects)
    {
        var yaml = new StringBuilder();
        foreach (JsonObject each in objects)
        {
            if (yaml.Length > 0)
                yaml.Append("---\n");
            if (each.Count == 0)
                yaml.Append("{}\n");
            else
                WriteMap(yaml, each, 0, startsOnLine: true);
        }
        return yaml.ToString();
    }

    private static void WriteMap(StringBuilder yaml, JsonObject map, int indent, bool startsOnLine)
    {
        foreach ((string key, JsonNode? value) in map)
        {
            if (startsOnLine)
                yaml.Append(' ', indent);
            startsOnLine = true;
            // A key of more than 1024 characters must be marked as one.
            string written = YamlText.Inline(key);
            yaml.Append(written.Length > 1000 ? $"? {written}\n{new string(' ', indent)}" : written).Append(':');
            WriteValue(yaml, value, indent, inList: false);
        }
    }

    /// <summary>Writes what stands behind a <c>key:</c> or a <c>-</c>, with the end of the line.</summary>
    private static void WriteValue(StringBuilder yaml, JsonNode? value, int indent, bool inList)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                yaml.Append(inList ? " " : "\n");
                WriteMap(yaml, map, indent + 2, startsOnLine: !inList);
                break;
            case JsonArray { Count: > 0 } list:
                yaml.Append(inList ? " " : "\n");
                bool first = inList;
                foreach (JsonNode? item in list)
                {
                    // Lists of a mapping begin in the column of their key, as kubectl writes them.
                    int column = inList ? indent + 2 : indent;
                    if (!first)
                        yaml.Append(' ', column);
                    first = false;
                    yaml.Append('-');
                    WriteValue(yaml, item, column, inList: true);
                }
                break;
            case JsonObject:
                yaml.Append(" {}\n");
                break;
            case JsonArray:
                yaml.Append(" []\n");
                break;
            case null:
                yaml.Append(" null\n");
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                yaml.Append(' ');
                YamlText.Append(yaml, scalar.GetValue<string>(), indent + 2);
                yaml.Append('\n');
                break;
            default:
                yaml.Append(' ').Append(value.ToJsonString()).Append('\n');
                break;
        }
    }
}
