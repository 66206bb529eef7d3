using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>What runs once or by itself: pods and jobs.</summary>
internal static class RunningHealth
{
    public static Health Pod(JsonObject pod, IReadOnlyList<JsonObject> warningEvents)
    {
        PodState state = PodState.Of(pod);
        ImmutableArray<PodProblem> problems = PodEvidence.Of(pod, warningEvents);
        if (state.Phase == "Succeeded")
            return new Health.Completed();
        if (state.Phase == "Failed")
            return new Health.Failed(problems.FirstOrDefault()?.Message ?? "the pod has failed", problems);
        if (state.Ready)
            return new Health.Ready(1, 1);
        if (problems.Any(p => p.Fatal))
            return new WorkloadPods(0, problems).Unready(1, "");
        if (pod.Text("spec", "nodeName") is null && problems.IsEmpty)
            return new Health.Pending("waits for a node");
        return new WorkloadPods(0, problems).Unready(1, state.Phase == "Running" ? "not ready yet" : "starts");
    }

    public static Health Job(JsonObject job, WorkloadPods pods)
    {
        if (IsTrue(job, "Complete") || IsTrue(job, "SuccessCriteriaMet"))
            return new Health.Completed();
        if (IsTrue(job, "Failed") || IsTrue(job, "FailureTarget"))
        {
            JsonObject? failed = job.Condition("Failed") ?? job.Condition("FailureTarget");
            return new Health.Failed(pods.Problems.FirstOrDefault()?.Message ?? failed.Text("message") ?? "the job has failed", pods.Problems);
        }
        if (job.Flag("spec", "suspend"))
            return new Health.Pending("suspended");
        int wanted = job.Number("spec", "completions") ?? 1;
        int succeeded = Math.Min(job.Number("status", "succeeded") ?? 0, wanted);
        string reason = (job.Number("status", "active") ?? 0) > 0 ? "runs" : "waits for its pods";
        return (pods with { Ready = succeeded }).Unready(wanted, reason);
    }

    private static bool IsTrue(JsonObject job, string condition) => job.Condition(condition).Text("status") == "True";
}
