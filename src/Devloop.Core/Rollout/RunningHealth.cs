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
            return new Health.Failed(problems.FirstOrDefault()?.Message ?? "the pod has failed", problems) { Final = true };
        if (state.Ready)
            return new Health.Ready(1, 1) { Probed = Probes.VouchFor(pod.Map("spec")) };
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
            string reason = (failed.Text("reason"), pods.Problems.FirstOrDefault()?.Message) switch
            {
                ({ Length: > 0 } why, { } problem) => $"{why}: {problem}",
                ({ Length: > 0 } why, null) => failed.Text("message") is { Length: > 0 } message ? $"{why}: {message}" : why,
                (_, { } problem) => problem,
                _ => failed.Text("message") ?? "the job has failed",
            };
            return new Health.Failed(reason, pods.Problems) { Final = true };
        }
        if (job.Flag("spec", "suspend"))
            return new Health.Pending("suspended");
        int wanted = job.Number("spec", "completions") ?? 1;
        int succeeded = Math.Min(job.Number("status", "succeeded") ?? 0, wanted);
        string state = (job.Number("status", "active") ?? 0) > 0 ? "runs" : "waits for its pods";
        // Whether a pod that failed is the last try, the job says.
        ImmutableArray<PodProblem> open = [.. pods.Problems.Select(p => p.Kind is PodProblemKind.Exited or PodProblemKind.CrashLoop or PodProblemKind.OutOfMemory or PodProblemKind.Ended ? p with { Fatal = false } : p)];
        return new WorkloadPods(succeeded, open).Unready(wanted, state);
    }

    private static bool IsTrue(JsonObject job, string condition) => job.Condition(condition).Text("status") == "True";
}
