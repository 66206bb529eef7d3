using System.Text.Json.Nodes;
using Devloop.Model;

namespace Devloop.Rollout;

/// <summary>Objects whose kind the config has a rule for.</summary>
internal static class RuledHealth
{
    public static Health Of(JsonObject item, ReadyRule rule)
    {
        if (rule is not ReadyRule.Field field)
            return new Health.Ready(1, 1);
        if (!item.IsObserved())
            return new Health.Pending("waits for its controller");
        string[] values = [.. field.Path.Select(item).OfType<JsonValue>().Select(v => v.TryGetValue(out string? text) ? text : v.ToJsonString())];
        string shown = values.Length == 0 ? "is not there yet" : $"is {string.Join(", ", values)}";
        if (values.Any(v => field.Failed.Contains(v)))
            return new Health.Failed($"{field.Path} {shown}", []);
        bool ready = values.Length > 0 && values.All(v => field.Values.IsEmpty ? v is not ("" or "false" or "False") : field.Values.Contains(v));
        return ready ? new Health.Ready(1, 1) : new Health.Progressing(0, 1, $"{field.Path} {shown}", []);
    }
}
