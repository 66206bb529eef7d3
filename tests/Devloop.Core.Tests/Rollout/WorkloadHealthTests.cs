using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Testing.Clusters;
using Devloop.Text;

namespace Devloop.Core.Tests.Rollout;

public sealed class WorkloadHealthTests
{
    private const string Deployment = """
        "kind": "Deployment", "metadata": {"name": "web", "uid": "d", "generation": 2, "annotations": {"deployment.kubernetes.io/revision": "2"}}
        """;

    [Theory]
    // A controller that has not looked yet speaks of the spec before.
    [InlineData("new", "{" + Deployment + """, "spec": {"replicas": 1}}""", "waits for its controller")]
    [InlineData("old status", "{" + Deployment + """, "spec": {"replicas": 1}, "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}}""", "waits for its controller")]
    [InlineData("paused", "{" + Deployment + """, "spec": {"paused": true, "replicas": 1}, "status": {"observedGeneration": 2, "replicas": 1, "availableReplicas": 1}}""", "paused")]
    [InlineData("deleting", """{"kind": "Deployment", "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}""", "being deleted")]
    [InlineData("claim", """{"kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}""", "waits for a volume")]
    [InlineData("pod", """{"kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Pending"}}""", "waits for a node")]
    [InlineData("job", """{"kind": "Job", "spec": {"suspend": true}}""", "suspended")]
    [InlineData("custom", """{"kind": "Widget", "metadata": {"generation": 3}, "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]}}""", "waits for its controller")]
    public void What_has_not_begun_is_pending(string name, string json, string reason) =>
        Of(json).ShouldBe(new Health.Pending(reason), name);

    [Theory]
    [InlineData(2, "{" + Deployment + """, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}}""")]
    [InlineData(0, "{" + Deployment + """, "spec": {"replicas": 0}, "status": {"observedGeneration": 2}}""")]
    [InlineData(1, "{" + Deployment + """, "spec": {}, "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]}}""")]
    [InlineData(3, """{"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 3}, "status": {"observedGeneration": 1, "readyReplicas": 3, "updatedReplicas": 3, "currentRevision": "a", "updateRevision": "a"}}""")]
    // Below the partition old pods are meant to stay.
    [InlineData(3, """{"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}, "status": {"observedGeneration": 1, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}}""")]
    [InlineData(3, """{"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, "status": {"observedGeneration": 1, "readyReplicas": 3, "currentRevision": "a", "updateRevision": "b"}}""")]
    [InlineData(1, """{"kind": "DaemonSet", "metadata": {"generation": 1}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 1, "updatedNumberScheduled": 1, "numberAvailable": 1}}""")]
    [InlineData(1, """{"kind": "ReplicaSet", "metadata": {"generation": 1}, "spec": {"replicas": 1}, "status": {"observedGeneration": 1, "availableReplicas": 1}}""")]
    [InlineData(1, """{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"nodeName": "n"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}""")]
    [InlineData(1, """{"kind": "Service", "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {}}}""")]
    [InlineData(1, """{"kind": "CronJob", "spec": {}}""")]
    [InlineData(1, """{"kind": "PersistentVolumeClaim", "status": {"phase": "Bound"}}""")]
    [InlineData(1, """{"kind": "Widget"}""")]
    [InlineData(1, """{"kind": "CustomResourceDefinition", "status": {"conditions": [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": "True"}]}}""")]
    public void What_does_its_work_is_ready(int wanted, string json) => Of(json).ShouldBe(new Health.Ready(wanted, wanted));

    [Theory]
    [InlineData(0, 2, "1 of 2 pods updated", "{" + Deployment + """, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2}}""")]
    [InlineData(0, 2, "1 old pods still to end", "{" + Deployment + """, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 2, "availableReplicas": 3}}""")]
    [InlineData(0, 2, "1 of 2 pods available", "{" + Deployment + """, "spec": {"replicas": 2}, "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}}""")]
    [InlineData(0, 3, "2 of 3 pods updated", """{"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 3}, "status": {"observedGeneration": 1, "readyReplicas": 3, "updatedReplicas": 2, "currentRevision": "a", "updateRevision": "b"}}""")]
    [InlineData(0, 2, "1 of 2 pods available", """{"kind": "DaemonSet", "metadata": {"generation": 1}, "status": {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}}""")]
    [InlineData(1, 3, "runs", """{"kind": "Job", "spec": {"completions": 3}, "status": {"active": 1, "succeeded": 1}}""")]
    [InlineData(0, 1, "issuing", """{"kind": "Widget", "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Issuing", "message": "issuing"}]}}""")]
    public void What_is_on_its_way_is_progressing(int ready, int wanted, string reason, string json)
    {
        Health.Progressing progressing = Of(json).ShouldBeOfType<Health.Progressing>();
        (progressing.ReadyCount, progressing.Wanted, progressing.Reason).ShouldBe((ready, wanted, reason));
    }

    [Fact]
    public void A_rule_knows_what_is_ready_what_is_not_yet_and_what_has_failed()
    {
        JsonObject widget = Json.Parse(ReadyWidget);
        JsonObject fresh = Json.Parse("""{"kind": "Widget", "status": {"conditions": [{"type": "Ready", "status": "False"}]}}""");
        WorkloadHealth.Of(fresh, [], [], [], Rule([])).ShouldBeOfType<Health.Progressing>().Reason.ShouldBe("{.status.phase} is not there yet");
        WorkloadHealth.Of(fresh, [], [], [], new ReadyRule.Exists()).ShouldBe(new Health.Ready(1, 1));
        WorkloadHealth.Of(widget, [], [], [], Rule([])).ShouldBe(new Health.Ready(1, 1));
        WorkloadHealth.Of(widget, [], [], [], Rule(["running"])).ShouldBe(new Health.Ready(1, 1));
        WorkloadHealth.Of(widget, [], [], [], Rule(["done"])).ShouldBeOfType<Health.Progressing>().Reason.ShouldBe("{.status.phase} is running");
        WorkloadHealth.Of(widget, [], [], [], Rule(["done"], "running")).ShouldBeOfType<Health.Failed>().Reason.ShouldBe("{.status.phase} is running");
        WorkloadHealth.Of(Json.Parse("""{"metadata": {"generation": 2}, "status": {"observedGeneration": 1, "phase": "running"}}"""), [], [], [], Rule(["running"])).ShouldBeOfType<Health.Pending>();
    }

    [Fact]
    public void A_job_whose_pod_failed_may_try_again_but_not_when_its_image_is_missing()
    {
        JsonObject job = Json.Parse("""{"kind": "Job", "metadata": {"name": "j", "uid": "j"}, "spec": {"backoffLimit": 2}, "status": {"active": 0, "failed": 1}}""");
        JsonObject Pod(string status) => Json.Parse($$"""{"kind": "Pod", "metadata": {"name": "p", "ownerReferences": [{"uid": "j", "controller": true}]}, "spec": {"restartPolicy": "Never"}, "status": {{status}}}""");
        JsonObject ended = Pod("""{"phase": "Failed", "containerStatuses": [{"name": "main", "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]}""");
        WorkloadHealth.Of(job, [], [ended], []).ShouldBeOfType<Health.Progressing>().Reason.ShouldBe("Error: exit code 3");
        JsonObject missing = Pod("""{"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}""");
        WorkloadHealth.Of(job, [], [missing], []).ShouldBeOfType<Health.Failed>().Final.ShouldBeFalse();
    }

    [Fact]
    public void A_claim_that_waits_for_its_first_pod_keeps_nobody_waiting()
    {
        JsonObject claim = Json.Parse("""{"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "uid": "c"}, "status": {"phase": "Pending"}}""");
        JsonObject Event(string reason, string message, int second) => Json.Parse($$"""{"type": "Normal", "involvedObject": {"uid": "c"}, "reason": "{{reason}}", "message": "{{message}}", "lastTimestamp": "2026-01-01T00:00:0{{second}}Z"}""");
        WorkloadHealth.Of(claim, [], [], [Event("ProvisioningFailed", "no", 1), Event("WaitForFirstConsumer", "waiting", 2)]).ShouldBe(new Health.Ready(1, 1));
        WorkloadHealth.Of(claim, [], [], [Event("WaitForFirstConsumer", "waiting", 1), Event("ProvisioningFailed", "no room", 2)]).ShouldBe(new Health.Pending("waits for a volume: no room"));
    }

    [Theory]
    [InlineData(true, """{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"readinessProbe": {}}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}""")]
    [InlineData(false, """{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"readinessProbe": {}}, {}]}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}""")]
    public void A_probe_in_every_container_vouches_for_a_pod(bool probed, string json) => Of(json).ShouldBeOfType<Health.Ready>().Probed.ShouldBe(probed);

    private const string ReadyWidget = """{"kind": "Widget", "status": {"phase": "running"}}""";

    private static ReadyRule.Field Rule(string[] values, params string[] failed) => new(JsonPath.TryParse("{.status.phase}")!, [.. values], [.. failed]);

    [Theory]
    [InlineData("has timed out", "{" + Deployment + """, "spec": {"replicas": 1}, "status": {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out"}]}}""")]
    [InlineData("exceeded quota", "{" + Deployment + """, "spec": {"replicas": 1}, "status": {"observedGeneration": 2, "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}]}}""")]
    [InlineData("BackoffLimitExceeded: reached the limit", """{"kind": "Job", "spec": {}, "status": {"failed": 7, "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "reached the limit"}]}}""")]
    [InlineData("its volume is lost", """{"kind": "PersistentVolumeClaim", "status": {"phase": "Lost"}}""")]
    [InlineData("Evicted: The node was low on resource: memory.", """{"kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}}""")]
    public void What_cannot_heal_by_itself_has_failed(string reason, string json) => Of(json).ShouldBeOfType<Health.Failed>().Reason.ShouldBe(reason);

    [Theory]
    [InlineData("""{"kind": "Job", "status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}""")]
    [InlineData("""{"kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Succeeded"}}""")]
    public void What_has_run_to_its_end_is_completed(string json) => Of(json).ShouldBeOfType<Health.Completed>();

    [Fact]
    public async Task A_crashing_pod_of_the_newest_revision_fails_a_deployment_while_the_old_pods_run_on()
    {
        var cluster = new FakeCluster();
        await cluster.ApplyAsync(Workloads.Deployment("default", "web", 2), CancellationToken.None);
        cluster.PodOutcome = _ => FakePodOutcome.CrashLoop;
        await cluster.ApplyAsync(Workloads.Deployment("default", "web", 2, "false"), CancellationToken.None);
        Health.Failed failed = WorkloadHealth.Of(cluster.All("Deployment")[0], cluster.All("ReplicaSet"), cluster.All("Pod"), []).ShouldBeOfType<Health.Failed>();
        failed.Reason.ShouldBe("CrashLoopBackOff: exit code 1");
        failed.Evidence.Length.ShouldBe(2);
        failed.Evidence.ShouldAllBe(p => p.Fatal && p.ExitCode == 1 && p.RestartCount == 3 && p.Container == "main");
        cluster.All("Pod").Count.ShouldBe(4);
    }

    [Fact]
    public async Task Crashing_pods_of_the_revision_before_do_not_fail_a_deployment()
    {
        var cluster = new FakeCluster { PodOutcome = _ => FakePodOutcome.CrashLoop };
        await cluster.ApplyAsync(Workloads.Deployment("default", "web", 1), CancellationToken.None);
        JsonObject deployment = cluster.All("Deployment")[0];
        // The controller has made revision 2, but the watch has not told its ReplicaSet yet.
        deployment["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"] = "2";
        WorkloadHealth.Of(deployment, cluster.All("ReplicaSet"), cluster.All("Pod"), []).ShouldBeOfType<Health.Progressing>().Evidence.ShouldBeEmpty();
    }

    private static Health Of(string json) => WorkloadHealth.Of(Json.Parse(json), [], [], []);
}
