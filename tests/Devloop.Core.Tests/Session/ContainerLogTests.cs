using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

public class ContainerLogTests
{
    private static readonly ResourceName Web = new("web");

    [Fact]
    public async Task A_log_whose_connection_breaks_is_taken_up_again_and_every_line_is_told_once()
    {
        LiveWorld world = World("");
        await using LiveRun run = world.Up();
        string pod = await ReadyAsync(run, world);
        world.Cluster.WriteLog(pod, "c0", "one");
        world.Cluster.WriteLog(pod, "c0", "two");
        await run.HearsAsync<SideNews.Log>(l => l.Line == "two");

        world.Cluster.CutLog(pod, "c0");
        world.Cluster.WriteLog(pod, "c0", "three");
        await world.Clock.UntilTimersAsync(1, TimeSpan.FromMilliseconds(250));
        world.Clock.Advance(TimeSpan.FromMilliseconds(250));
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("three");
    }

    [Fact]
    public async Task Lines_are_shown_and_left_out_as_the_config_says()
    {
        LiveWorld world = World("log: {include: [GET, POST], exclude: [/healthz]}");
        await using LiveRun run = world.Up();
        string pod = await ReadyAsync(run, world);
        foreach (string line in (string[])["listening", "GET /healthz", "GET /", "POST /cart"])
            world.Cluster.WriteLog(pod, "c0", line);
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("GET /");
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("POST /cart");
    }

    [Fact]
    public async Task A_config_that_is_saved_anew_shows_other_lines_without_a_deploy()
    {
        LiveWorld world = World("log: {exclude: [noise]}");
        await using LiveRun run = world.Up();
        string pod = await ReadyAsync(run, world);
        run.Save("devloop.yaml", Shop.With("api").Running("web", ["api"], "log: {exclude: [other]}").Config());
        await run.HearsAsync<News.ConfigLoaded>();
        world.Cluster.WriteLog(pod, "c0", "other");
        world.Cluster.WriteLog(pod, "c0", "noise");
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("noise");
        world.Cluster.Calls.Count(c => c is { Verb: "apply", Reference.Kind.Kind: "Deployment" }).ShouldBe(1);
    }

    [Fact]
    public async Task What_failed_comes_with_what_its_container_wrote_last()
    {
        LiveWorld world = World("");
        world.Cluster.PodOutcome = pod =>
        {
            string name = pod["metadata"]!["name"]!.ToString();
            world.Cluster.WriteLog(name, "c0", "starts");
            world.Cluster.WriteLog(name, "c0", "no module named redis");
            world.Cluster.EndLog(name, "c0");
            return FakePodOutcome.CrashLoop;
        };
        await using LiveRun run = world.Up();
        EngineState state = await run.StateAsync(s => s.Resources[Web].Health is Health.Failed { Evidence: [{ LastOutput.Length: > 0 }] });
        PodProblem problem = ((Health.Failed)state.Resources[Web].Health).Evidence.ShouldHaveSingleItem();
        (problem.ExitCode, problem.LastOutput).ShouldBe((1, "starts\nno module named redis"));
        ((Health.Failed)state.Resources[Web].Health).EvidenceLines().ShouldBe([$"pod {problem.Pod}, container c0: CrashLoopBackOff: exit code 1", "│ starts", "│ no module named redis"]);
    }

    [Fact]
    public async Task Values_of_secrets_are_replaced_in_whatever_is_told()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).File("k8s/secret.yaml", """
            apiVersion: v1
            kind: Secret
            metadata: {name: login}
            stringData: {password: "correct horse", short: abc, key: "-----BEGIN-----\nMIIEvAIBADANBg\n"}
            data: {token: c2VjcmV0LXRva2Vu}
            """));
        await using LiveRun run = world.Up();
        string pod = await ReadyAsync(run, world);
        world.Cluster.WriteLog(pod, "c0", "password=correct horse token=secret-token abc");
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("password=[secret login:password] token=[secret login:token] abc");
        world.Cluster.WriteLog(pod, "c0", "in base64 Y29ycmVjdCBob3JzZQ== and MIIEvAIBADANBg");
        (await run.HearsAsync<SideNews.Log>()).Line.ShouldBe("in base64 [secret login:password] and [secret login:key]");
    }

    [Fact]
    public async Task A_warning_of_the_cluster_about_a_pod_is_told_once_and_those_of_others_are_not()
    {
        LiveWorld world = World("");
        world.Cluster.Write(Warning("old", "someone-else", "FailedMount", "too old"));
        await using LiveRun run = world.Up();
        string pod = await ReadyAsync(run, world);
        string uid = world.Cluster.All("Pod").Single()["metadata"]!["uid"]!.ToString();
        world.Cluster.Write(Warning("a", "someone-else", "FailedMount", "not ours"));
        world.Cluster.Write(Warning("b", uid, "FailedMount", "MountVolume.SetUp failed:\n  no such secret", pod));
        world.Cluster.Write(Warning("c", uid, "FailedMount", "MountVolume.SetUp failed:\n  no such secret", pod));
        world.Cluster.Write(Warning("d", uid, "Unhealthy", "Readiness probe failed", pod));
        (await run.HearsAsync<SideNews.Warned>()).ShouldBe(new SideNews.Warned(Web, new ClusterWarning($"pod/{pod}", "FailedMount", "MountVolume.SetUp failed: no such secret")));
        (await run.HearsAsync<SideNews.Warned>()).Warning.Reason.ShouldBe("Unhealthy");
    }

    private static LiveWorld World(string settings) => new(Shop.With("api").Running("web", ["api"], settings));

    private static async Task<string> ReadyAsync(LiveRun run, LiveWorld world)
    {
        await run.HearsAsync<News.Status>(n => n.Resource == Web && n.Now is Health.Ready);
        return world.Cluster.All("Pod").ShouldHaveSingleItem()["metadata"]!["name"]!.ToString();
    }

    private static JsonObject Warning(string name, string uid, string reason, string message, string pod = "p") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["type"] = "Warning",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["involvedObject"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod, ["uid"] = uid },
        ["reason"] = reason,
        ["message"] = message,
    };
}
