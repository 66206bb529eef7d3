using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;

namespace Devloop.Core.Tests.Manifests;

public class LiveEquipmentTests
{
    [Theory]
    [InlineData("apps/v1", "Deployment", "spec.template.spec")]
    [InlineData("apps/v1", "StatefulSet", "spec.template.spec")]
    [InlineData("apps/v1", "DaemonSet", "spec.template.spec")]
    [InlineData("apps/v1", "ReplicaSet", "spec.template.spec")]
    [InlineData("batch/v1", "Job", "spec.template.spec")]
    [InlineData("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec")]
    [InlineData("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec")]
    [InlineData("v1", "Pod", "spec")]
    public void The_pods_of_built_in_workloads_can_be_equipped(string version, string kind, string place)
    {
        var podSpec = new JsonObject { ["containers"] = new JsonArray() };
        JsonNode item = podSpec;
        foreach (string key in place.Split('.').Reverse())
            item = new JsonObject { [key] = item };
        item["apiVersion"] = version;
        item["kind"] = kind;
        LiveEquipment.PodSpecOf(item.AsObject()).ShouldBeSameAs(podSpec);
    }

    [Theory]
    [InlineData("example.com/v1", "Deployment")]
    [InlineData("v1", "Service")]
    [InlineData("v1", "ReplicationController")]
    public void Other_objects_are_left_alone(string version, string kind) =>
        LiveEquipment.PodSpecOf(new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["spec"] = Map("""{"template": {"spec": {"containers": []}}}""") }).ShouldBeNull();

    [Fact]
    public void A_mount_adds_one_volume_and_one_mount_a_container()
    {
        JsonObject spec = Map("""{"containers": [{"name": "a", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}, {"name": "b"}], "volumes": [{"name": "data"}]}""");
        foreach (JsonNode? container in spec["containers"]!.AsArray().Concat(spec["containers"]!.AsArray()))
            LiveEquipment.Mount(spec, container!.AsObject(), "devloop-live-api-01234567");

        spec.ToJsonString().ShouldBe(Map("""
            {"containers": [
              {"name": "a", "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "devloop-live", "mountPath": "/.devloop", "readOnly": true}]},
              {"name": "b", "volumeMounts": [{"name": "devloop-live", "mountPath": "/.devloop", "readOnly": true}]}],
             "volumes": [{"name": "data"}, {"name": "devloop-live", "configMap": {"name": "devloop-live-api-01234567", "defaultMode": 365}}]}
            """).ToJsonString());
    }

    // Kubernetes: a command replaces the entrypoint and the command of the image, arguments alone its command.
    [Theory]
    [InlineData("""{"command": ["node", "a.js"], "args": ["-v"]}""", "run", "serve", """["node","a.js"]""", """["-v"]""")]
    [InlineData("""{"command": ["node", "a.js"]}""", "run", "serve", """["node","a.js"]""", null)]
    [InlineData("""{"args": ["-v"]}""", "run", "serve", """["run"]""", """["-v"]""")]
    [InlineData("{}", "run", "serve", """["run"]""", """["serve"]""")]
    [InlineData("{}", "", "serve", "[]", """["serve"]""")]
    [InlineData("{}", "run", "", """["run"]""", "[]")]
    [InlineData("""{"command": [], "args": []}""", "run", "serve", """["run"]""", """["serve"]""")]
    [InlineData("""{"command": ["sh", "-c", "echo $(HOME) $$"]}""", "", "", """["sh","-c","echo $(HOME) $$"]""", null)]
    [InlineData("{}", "sh -c", "echo_$(date)_$$_$HOME", """["sh","-c"]""", """["echo_$$(date)_$$$$_$$HOME"]""")]
    [InlineData("{}", "echo", "$HOME", """["echo"]""", """["$HOME"]""")]
    public void What_a_container_runs_stands_behind_the_supervisor(string spec, string entrypoint, string command, string words, string? args)
    {
        JsonObject container = Map(spec);
        container["name"] = "main";
        LiveEquipment.Supervise(container, Image(entrypoint, command)).ShouldBeTrue();

        string[] wrapped = [.. container["command"]!.AsArray().Select(w => (string)w!)];
        wrapped[..4].ShouldBe(["/.devloop/helper", "run", "main", "--"]);
        wrapped[4..].ShouldBe(Map($$"""{"x": {{words}}}""")["x"]!.AsArray().Select(w => (string)w!));
        container["args"]?.AsArray().Select(w => (string)w!).ShouldBe(Map($$"""{"x": {{args}}}""")["x"]!.AsArray().Select(w => (string)w!));
        (container["args"] is null).ShouldBe(args is null);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"args": ["-v"]}""", false)]
    [InlineData("{}", true)]
    public void A_container_of_which_nobody_knows_what_it_runs_is_not_supervised(string spec, bool known)
    {
        JsonObject container = Map(spec);
        container["name"] = "main";
        string before = container.ToJsonString();
        LiveEquipment.Supervise(container, known ? Image("", "") : null).ShouldBeFalse();
        container.ToJsonString().ShouldBe(before);
    }

    [Fact]
    public void A_supervisor_stands_once_and_can_be_told_from_the_spec()
    {
        JsonObject spec = Map("""{"containers": [{"name": "main", "command": ["node"], "args": ["a.js"]}]}""");
        JsonObject container = spec["containers"]![0]!.AsObject();
        Stand(container).ShouldBe((false, false, "node a.js"));
        LiveEquipment.Supervise(container, null).ShouldBeTrue();
        LiveEquipment.Mount(spec, container, "x");
        LiveEquipment.Supervise(container, null).ShouldBeFalse();
        Stand(container).ShouldBe((true, true, "node a.js"));
        Stand(Map("{}")).ShouldBe((false, false, ""));
    }

    [Fact]
    public void The_program_is_another_object_for_each_resource_and_content()
    {
        string[] names = [HelperConfigMap.NameOf("api", "1"u8), HelperConfigMap.NameOf("api", "2"u8), HelperConfigMap.NameOf("web:deployment:Dev", "1"u8), HelperConfigMap.NameOf("web-deployment-dev", "1"u8), HelperConfigMap.NameOf(new string('a', 253), "1"u8)];
        names.Distinct().Count().ShouldBe(names.Length);
        names.ShouldAllBe(n => n.Length <= 253 && System.Text.RegularExpressions.Regex.IsMatch(n, "^devloop-live-[a-z0-9]([-a-z0-9]*[a-z0-9])?-[0-9a-f]{8}$"));
        names[2].ShouldStartWith("devloop-live-web-deployment-dev-");
    }

    private static (bool, bool, string) Stand(JsonObject container) => LiveEquipment.StandOf(container) is var stand ? (stand.Mounted, stand.Supervised, string.Join(' ', stand.Command)) : default;

    private static BaseImage Image(string entrypoint, string command) => new(ImmutableDictionary<string, string>.Empty, [])
    {
        Entrypoint = [.. entrypoint.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
        Command = [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
    };

    private static JsonObject Map(string json) => JsonNode.Parse(json)!.AsObject();
}
