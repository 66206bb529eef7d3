using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Fields that a manifest drops, beside which the API server had filled in others: a plain apply of such an edit is refused.</summary>
[Trait("Needs", "Cluster")]
public sealed class LeftBehindTests
{
    private const string Http = "          readinessProbe: {httpGet: {path: /busybox, port: 8080}, periodSeconds: 1}";
    private const string Serves = "          command: [/bin/busybox, httpd, -f, -p, \"8080\", -h, /bin]\n";
    private const string Exec = "          readinessProbe: {exec: {command: [/bin/busybox, \"true\"]}, periodSeconds: 1}";

    [Fact]
    public async Task A_probe_may_be_changed_to_another_kind_and_taken_out_and_the_strategy_changed()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TestProject.OfBusyboxAsync(@namespace, _ => "");
        string Manifest(string probe) => ManifestText.Deployment("probed", project.Image("app"), Serves + probe);

        project.Write("app.yml", Manifest(Http));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        project.Write("app.yml", Manifest(Exec));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        string exec = await ProbeAsync(@namespace);
        exec.ShouldContain("/bin/busybox");
        exec.ShouldNotContain("httpGet");
        project.Write("app.yml", Manifest(Http));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        project.Write("app.yml", Manifest(""));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        (await ProbeAsync(@namespace)).ShouldBeEmpty();
        project.Write("app.yml", Manifest("").Replace("spec:\n  selector", "spec:\n  strategy: {type: Recreate}\n  selector", StringComparison.Ordinal));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        (await @namespace.KubectlAsync("get", "deployment", "probed", "--output", "jsonpath={.spec.strategy}")).ShouldBe("""{"type":"Recreate"}""");

        // The same once more changes nothing: what was taken out is not taken for a difference.
        string version = await @namespace.VersionOfAsync("deployment", "probed");
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        (await @namespace.VersionOfAsync("deployment", "probed")).ShouldBe(version);
    }

    [Fact]
    public async Task What_the_manifest_itself_says_wrongly_stays_an_error()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TestProject.OfBusyboxAsync(@namespace, i => ManifestText.Deployment("probed", i, Serves + Http));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        project.Write("app.yml", ManifestText.Deployment("probed", project.Image("app"), Serves + Http.Replace("port: 8080", "port: 99999", StringComparison.Ordinal)));

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(4).ShouldSay("99999");
    }

    private static Task<string> ProbeAsync(TestNamespace @namespace) =>
        @namespace.KubectlAsync("get", "deployment", "probed", "--output", "jsonpath={.spec.template.spec.containers[0].readinessProbe}");
}
