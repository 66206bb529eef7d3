using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>
/// Objects without pods of their own. What exists is ready, unless it says otherwise through a condition, by the words of kstatus
/// (sigs.k8s.io/cli-utils). A Service is ready when it exists, also one of type LoadBalancer: local clusters often never give it an
/// address. So is a CronJob, which runs later.
/// </summary>
internal static class ObjectHealth
{
    private static readonly ImmutableArray<string> Telling = ["Ready", "Available", "Established"];

    /// <param name="events">Warnings, and all events of claims; may be of other objects.</param>
    public static Health Of(JsonObject item, IReadOnlyList<JsonObject> events) => item.Text("kind") switch
    {
        "PersistentVolumeClaim" => Claim(item, events),
        "CustomResourceDefinition" => Definition(item),
        "Service" or "CronJob" or "ConfigMap" or "Secret" => new Health.Ready(1, 1),
        _ => ByCondition(item),
    };

    /// <summary>A claim may wait for its first pod by design (kubernetes.io, "Volume Binding Mode"), which is no reason to wait for it.</summary>
    private static Health Claim(JsonObject claim, IReadOnlyList<JsonObject> events)
    {
        string? phase = claim.Text("status", "phase");
        if (phase == "Bound")
            return new Health.Ready(1, 1);
        if (phase == "Lost")
            return new Health.Failed("its volume is lost", []) { Final = true };
        JsonObject? newest = EventsAbout.Newest(claim, events);
        if (newest.Text("reason") == "WaitForFirstConsumer")
            return new Health.Ready(1, 1);
        return new Health.Pending(newest.Text("message") is { Length: > 0 } message ? $"waits for a volume: {message}" : "waits for a volume");
    }

    /// <summary>Established is when objects of the kind can be made.</summary>
    private static Health Definition(JsonObject definition)
    {
        if (definition.Condition("NamesAccepted") is { } names && names.Text("status") == "False")
            return new Health.Failed(Words(names) ?? "its names are taken", []);
        return definition.Condition("Established").Text("status") == "True" ? new Health.Ready(1, 1) : new Health.Pending("waits to be established");
    }

    private static Health ByCondition(JsonObject item)
    {
        if (item.Condition("Stalled") is { } stalled && stalled.Text("status") == "True")
            return new Health.Failed(Words(stalled) ?? "stalled", []);
        JsonObject? condition = Telling.Select(item.Condition).FirstOrDefault(c => c is not null);
        if (condition is null)
            return item.Condition("Reconciling") is { } reconciling && reconciling.Text("status") == "True"
                ? new Health.Progressing(0, 1, Words(reconciling) ?? "reconciling", []) : new Health.Ready(1, 1);
        if (!item.IsObserved())
            return new Health.Pending("waits for its controller");
        return condition.Text("status") == "True"
            ? new Health.Ready(1, 1)
            : new Health.Progressing(0, 1, Words(condition) ?? "not ready yet", []);
    }

    private static string? Words(JsonObject condition) => condition.Text("message") is { Length: > 0 } message ? message : condition.Text("reason");
}
