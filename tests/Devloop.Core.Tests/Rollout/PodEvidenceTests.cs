using System.Text.Json.Nodes;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public sealed class PodEvidenceTests
{
    private const string Ended = """ "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:09Z"}}""";

    [Theory]
    [InlineData(PodProblemKind.CrashLoop, true, "CrashLoopBackOff: exit code 1", """ "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}, """ + Ended)]
    [InlineData(PodProblemKind.OutOfMemory, true, "OOMKilled: out of memory, again and again", """ "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}""")]
    [InlineData(PodProblemKind.OutOfMemory, false, "OOMKilled: exit code 137", """ "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}""")]
    [InlineData(PodProblemKind.Exited, false, "Error: exit code 1", """ "state": {"terminated": {"exitCode": 1, "reason": "Error"}}""")]
    [InlineData(PodProblemKind.Exited, false, "Error: exit code 1; started again", """ "state": {"running": {}}, """ + Ended)]
    [InlineData(PodProblemKind.Image, true, "ImagePullBackOff: Back-off pulling image \"x\"", """ "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\""}}""")]
    [InlineData(PodProblemKind.Image, true, "ErrImagePull: manifest unknown", """ "state": {"waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}}""")]
    [InlineData(PodProblemKind.Image, false, "ErrImagePull: i/o timeout", """ "state": {"waiting": {"reason": "ErrImagePull", "message": "i/o timeout"}}""")]
    [InlineData(PodProblemKind.Image, true, "InvalidImageName", """ "state": {"waiting": {"reason": "InvalidImageName"}}""")]
    [InlineData(PodProblemKind.Start, true, "CreateContainerConfigError: configmap \"settings\" not found", """ "state": {"waiting": {"reason": "CreateContainerConfigError", "message": "configmap \"settings\" not found"}}""")]
    [InlineData(PodProblemKind.Start, true, "RunContainerError: no such file", """ "state": {"waiting": {"reason": "RunContainerError", "message": "no such\n file"}}""")]
    [InlineData(PodProblemKind.Start, true, "ContainerCannotRun: no such file", """ "state": {"terminated": {"exitCode": 127, "reason": "ContainerCannotRun", "message": "no such file"}}""")]
    public void A_container_that_is_not_well_is_told_with_its_reason(PodProblemKind kind, bool fatal, string message, string states)
    {
        PodProblem problem = PodEvidence.Of(Pod(states), []).ShouldHaveSingleItem();
        (problem.Kind, problem.Fatal, problem.Message).ShouldBe((kind, fatal, message));
        (problem.Pod, problem.Container, problem.RestartCount).ShouldBe(("web-1", "main", 4));
    }

    [Theory]
    [InlineData(""" "state": {"waiting": {"reason": "ContainerCreating"}}""")]
    [InlineData(""" "state": {"waiting": {"reason": "PodInitializing"}}""")]
    [InlineData(""" "state": {"running": {}}, "lastState": {}""")]
    [InlineData(""" "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}""")]
    [InlineData(""" "ready": true, "state": {"running": {}}, """ + Ended)]
    public void A_container_on_its_way_or_well_is_no_problem(string states) => PodEvidence.Of(Pod(states), []).ShouldBeEmpty();

    [Fact]
    public void A_container_that_never_starts_again_is_fatal()
    {
        JsonObject pod = Pod(""" "state": {"terminated": {"exitCode": 3, "reason": "Error"}}""");
        pod["spec"]!["restartPolicy"] = "Never";
        PodEvidence.Of(pod, []).ShouldHaveSingleItem().Fatal.ShouldBeTrue();
    }

    [Fact]
    public void A_pod_that_no_node_takes_is_a_problem_of_the_pod()
    {
        JsonObject pod = Json.Parse("""{"kind": "Pod", "metadata": {"name": "web-1"}, "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu."}]}}""");
        PodProblem problem = PodEvidence.Of(pod, []).ShouldHaveSingleItem();
        (problem.Kind, problem.Fatal, problem.Message).ShouldBe((PodProblemKind.Unschedulable, true, "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu."));
    }

    [Fact]
    public void A_failing_probe_is_known_from_the_newest_warning_about_the_pod()
    {
        JsonObject pod = Pod(""" "state": {"running": {}}""");
        PodProblem problem = PodEvidence.Of(pod, [Warning("other", "Unhealthy", "not mine", 9), Warning("p", "FailedMount", "older", 1), Warning("p", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500", 2)]).ShouldHaveSingleItem();
        (problem.Kind, problem.Fatal, problem.Container, problem.Message).ShouldBe((PodProblemKind.Probe, false, "main", "Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500"));
    }

    private static JsonObject Warning(string uid, string reason, string message, int second) =>
        Json.Parse($$$"""{"type": "Warning", "reason": "{{{reason}}}", "message": "{{{message}}}", "lastTimestamp": "2026-01-01T00:00:0{{{second}}}Z", "involvedObject": {"kind": "Pod", "uid": "{{{uid}}}", "fieldPath": "spec.containers{main}"}}""");

    private static JsonObject Pod(string states) =>
        Json.Parse($$$"""{"kind": "Pod", "metadata": {"name": "web-1", "uid": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "main"}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "main", "restartCount": 4, {{{states}}} }]}}""");
}
