using Devloop.EndToEnd.Tests.Support;
using Devloop.Testing;

namespace Devloop.EndToEnd.Tests;

/// <summary>The API server is restarted while a loop runs: nothing is lost, and nobody has to do anything.</summary>
[Trait("Needs", "Cluster")]
public sealed class ClusterAwayTests
{
    [Fact]
    public async Task An_edit_that_was_made_while_the_cluster_was_away_is_served_when_it_is_back()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        int port = Browser.FreePort();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, port);
        string kubeconfig = await File.ReadAllTextAsync(TestNamespace.Kubeconfig);
        var server = new Uri(kubeconfig.Split("server: \"")[1].Split('"')[0]);
        await using var relay = new CuttingRelay(server);
        project.Write("kubeconfig", kubeconfig.Replace(server.Authority, relay.Address, StringComparison.Ordinal));
        project.Environment["KUBECONFIG"] = project.PathOf("kubeconfig");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        (await Browser.GetAsync(port, "index.html")).ShouldBe("first page\n");

        await relay.CutAsync();
        int mark = up.Events.Count;
        project.Write("site/index.html", "second page\n");
        await up.SeenAsync("build_finished", project.Image("app"), outcome: "built", from: mark);
        RunEvent failed = await up.SeenAsync("deploy_finished", resource: Quickstart.App, outcome: "failed", from: mark);
        failed.Json.ToJsonString().ShouldContain("DL5002");
        relay.Mend();

        await up.SeenAsync("deploy_finished", resource: Quickstart.App, outcome: "applied", from: mark);
        await up.ReadyAsync(mark);
        (await Browser.GetAsync(port, "index.html")).ShouldBe("second page\n");

        // What the watches and logs missed is caught up with: the next edit goes its usual way.
        mark = up.Events.Count;
        project.Write("site/index.html", "third page\n");
        await up.ReadyAsync(mark);
        (await Browser.GetAsync(port, "index.html")).ShouldBe("third page\n");
        await up.StopAsync();
    }

    [Fact]
    public async Task A_log_whose_connection_broke_goes_on_without_a_line_lost_or_told_twice()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TestProject.OfBusyboxAsync(@namespace, i => ManifestText.Deployment("ticking", i, "          command: [/bin/busybox, sh, -c, \"for n in $(/bin/busybox seq 1 600); do echo tick $n; /bin/busybox sleep 0.2; done\"]"));
        string kubeconfig = await File.ReadAllTextAsync(TestNamespace.Kubeconfig);
        var server = new Uri(kubeconfig.Split("server: \"")[1].Split('"')[0]);
        await using var relay = new CuttingRelay(server);
        project.Write("kubeconfig", kubeconfig.Replace(server.Authority, relay.Address, StringComparison.Ordinal));
        project.Environment["KUBECONFIG"] = project.PathOf("kubeconfig");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.Events.FirstAsync(e => e.Is("log", resource: "ticking") && e.Text("text") == "tick 5", 0, "tick 5");

        await relay.CutAsync();
        relay.Mend();

        await up.Events.FirstAsync(e => e.Is("log", resource: "ticking") && e.Text("text") == "tick 25", 0, "tick 25");
        string[] ticks = [.. up.Events.All.Where(e => e.Is("log", resource: "ticking")).Select(e => e.Text("text")!)];
        ticks.Take(25).ShouldBe(Enumerable.Range(1, 25).Select(n => $"tick {n}"));
        await up.StopAsync();
    }
}
