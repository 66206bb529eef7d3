using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Testing.Clusters;

/// <summary>What becomes of a pod.</summary>
public enum FakePodOutcome
{
    Ready,

    /// <summary>Runs, but its readiness probe says no.</summary>
    NeverReady,

    /// <summary>Ends with exit code 1 again and again.</summary>
    CrashLoop,

    /// <summary>Its image cannot be pulled.</summary>
    ImagePull,
}

/// <summary>Plays the controllers and the node for Deployments and Pods, at once and in the order of the real ones.</summary>
internal sealed class FakeKubelet(FakeStore store)
{
    private const string Revision = "deployment.kubernetes.io/revision";

    public Func<JsonObject, FakePodOutcome> Outcome { get; set; } = _ => FakePodOutcome.Ready;

    public void Settle(JsonObject applied)
    {
        switch (applied.Text("kind"))
        {
            case "Deployment":
                Roll(applied);
                break;
            case "Pod":
                Write(applied, Outcome(applied));
                break;
            default:
                break;
        }
    }

    private void Roll(JsonObject deployment)
    {
        int wanted = (int?)deployment["spec"]?["replicas"] ?? 1;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deployment["spec"]?["template"]?.ToJsonString() ?? "")))[..10];
        string name = $"{deployment.Text("metadata", "name")}-{hash}";
        JsonObject[] older = [.. store.All("ReplicaSet").Where(r => Owner(r) == deployment.Text("metadata", "uid") && r.Text("metadata", "name") != name)];
        JsonObject? current = store.All("ReplicaSet").FirstOrDefault(r => Owner(r) == deployment.Text("metadata", "uid") && r.Text("metadata", "name") == name);
        string revision = current?.Text("metadata", "annotations", Revision)
            ?? (older.Select(r => int.Parse(r.Text("metadata", "annotations", Revision)!, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() + 1).ToString(CultureInfo.InvariantCulture);
        JsonObject replicaSet = store.Write(Child(deployment, "apps/v1", "ReplicaSet", name, new JsonObject { [Revision] = revision }));

        int ready = 0;
        for (int i = 0; i < wanted; i++)
            ready += RunPod(deployment, replicaSet, $"{name}-{i.ToString(CultureInfo.InvariantCulture)}") ? 1 : 0;
        foreach (JsonObject surplus in Pods(replicaSet).Skip(wanted))
            Delete(surplus);
        // A new pod that does not get ready leaves the old ones running, as a rolling update does.
        int old = ready >= wanted ? 0 : older.Sum(r => Pods(r).Length);
        if (old == 0)
            Array.ForEach(older, r => Array.ForEach(Pods(r), Delete));
        WriteStatus(deployment, revision, wanted, ready, old);
    }

    private bool RunPod(JsonObject deployment, JsonObject replicaSet, string name)
    {
        var template = deployment["spec"]!["template"] as JsonObject ?? [];
        JsonObject pod = Child(replicaSet, "v1", "Pod", name, []);
        pod["metadata"]!["labels"] = template["metadata"]?["labels"]?.DeepClone();
        pod["spec"] = template["spec"]?.DeepClone();
        FakePodOutcome outcome = Outcome(pod);
        Write(store.Find(new ObjectReference(new ObjectKind("v1", "Pod"), pod.Text("metadata", "namespace"), name)) ?? pod, outcome);
        return outcome == FakePodOutcome.Ready;
    }

    private void Write(JsonObject pod, FakePodOutcome outcome)
    {
        if (pod["status"] is not null)
            return;
        pod["spec"]!["nodeName"] = "node";
        string ready = outcome == FakePodOutcome.Ready ? "True" : "False";
        pod["status"] = Json.Parse($$$"""{"phase": "{{{(outcome == FakePodOutcome.ImagePull ? "Pending" : "Running")}}}", "podIP": "10.0.0.1", "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "{{{ready}}}", "lastTransitionTime": "2026-01-01T00:00:01Z"}]}""");
        pod["status"]!["containerStatuses"] = new JsonArray([.. (pod["spec"]!["containers"] as JsonArray ?? []).Select(c => Container(c, pod.Text("metadata", "name")!, outcome))]);
        store.Write(pod);
    }

    private static JsonObject Container(JsonNode? container, string pod, FakePodOutcome outcome)
    {
        JsonObject status = Json.Parse(outcome switch
        {
            FakePodOutcome.CrashLoop => """{"ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}}, "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}""",
            FakePodOutcome.ImagePull => """{"ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}, "lastState": {}}""",
            FakePodOutcome.NeverReady => """{"ready": false, "restartCount": 0, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "lastState": {}}""",
            _ => """{"ready": true, "restartCount": 0, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "lastState": {}}""",
        });
        (status["name"], status["image"]) = (container.Text("name"), container.Text("image"));
        if (outcome != FakePodOutcome.ImagePull)
            status["containerID"] = $"docker://{pod}/{container.Text("name")}";
        return status;
    }

    private void WriteStatus(JsonObject deployment, string revision, int wanted, int ready, int old)
    {
        if (deployment["metadata"]!["annotations"] is not JsonObject annotations)
            deployment["metadata"]!["annotations"] = annotations = [];
        annotations[Revision] = revision;
        var status = new JsonObject
        {
            ["observedGeneration"] = (int)deployment["metadata"]!["generation"]!,
            ["replicas"] = wanted + old,
            ["updatedReplicas"] = wanted,
            ["readyReplicas"] = ready + old,
            ["availableReplicas"] = ready + old,
        };
        if (JsonNode.DeepEquals(deployment["status"], status))
            return;
        deployment["status"] = status;
        store.Write(deployment);
    }

    private JsonObject[] Pods(JsonObject replicaSet) => [.. store.All("Pod").Where(p => Owner(p) == replicaSet.Text("metadata", "uid"))];

    private void Delete(JsonObject pod) => store.Delete(new ObjectReference(new ObjectKind("v1", "Pod"), pod.Text("metadata", "namespace"), pod.Text("metadata", "name")!));

    private static string? Owner(JsonObject item) => item["metadata"]?["ownerReferences"]?[0].Text("uid");

    private static JsonObject Child(JsonObject owner, string apiVersion, string kind, string name, JsonObject annotations) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = owner.Text("metadata", "namespace"),
            ["annotations"] = annotations,
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = owner.Text("apiVersion"),
                ["kind"] = owner.Text("kind"),
                ["name"] = owner.Text("metadata", "name"),
                ["uid"] = owner.Text("metadata", "uid"),
                ["controller"] = true,
            }),
        },
    };
}
