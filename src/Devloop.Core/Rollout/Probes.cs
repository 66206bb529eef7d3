using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>What containers let the kubelet ask them.</summary>
internal static class Probes
{
    /// <summary>Whether being ready means more than that the processes run: each container is asked by a readiness probe.</summary>
    public static bool VouchFor(JsonObject? podSpec) => podSpec.Items("containers").All(c => c.Map("readinessProbe") is not null);
}
