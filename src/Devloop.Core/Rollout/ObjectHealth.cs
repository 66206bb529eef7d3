using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>
/// Objects without pods of their own. What exists is ready, unless it says otherwise through a condition. A Service is ready when it
/// exists, also one of type LoadBalancer: local clusters often never give it an address. So is a CronJob, which runs later.
/// </summary>
internal static class ObjectHealth
{
    private static readonly ImmutableArray<string> Telling = ["Ready", "Available", "Established"];

    public static Health Of(JsonObject item) => item.Text("kind") switch
    {
        "PersistentVolumeClaim" => Claim(item),
        "Service" or "CronJob" or "ConfigMap" or "Secret" => new Health.Ready(1, 1),
        _ => ByCondition(item),
    };

    /// <summary>A claim may wait for its first pod by design; whether to wait for it is the caller's choice.</summary>
    private static Health Claim(JsonObject claim) => claim.Text("status", "phase") switch
    {
        "Bound" => new Health.Ready(1, 1),
        "Lost" => new Health.Failed("its volume is lost", []),
        _ => new Health.Pending("waits for a volume"),
    };

    private static Health ByCondition(JsonObject item)
    {
        JsonObject? condition = Telling.Select(item.Condition).FirstOrDefault(c => c is not null);
        if (condition is null)
            return new Health.Ready(1, 1);
        if (!item.IsObserved())
            return new Health.Pending("waits for its controller");
        return condition.Text("status") == "True"
            ? new Health.Ready(1, 1)
            : new Health.Progressing(0, 1, condition.Text("message") is { Length: > 0 } message ? message : condition.Text("reason") ?? "not ready yet", []);
    }
}
