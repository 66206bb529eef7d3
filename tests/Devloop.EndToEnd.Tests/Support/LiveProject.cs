namespace Devloop.EndToEnd.Tests.Support;

/// <summary>A small web server whose files are updated in place, and its base.</summary>
internal static class LiveProject
{
    public const string App = "web";

    /// <summary>A server that reads its files at each request.</summary>
    public const string Serve = "ENTRYPOINT [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/site\"]\n";

    /// <param name="liveUpdate">As YAML, such as <c>auto</c>.</param>
    /// <param name="dockerfile">What follows the base in the app's Dockerfile.</param>
    /// <param name="more">Further lines of the container, with their indentation of 10.</param>
    /// <param name="settings">Further keys of the image.</param>
    public static async Task<TestProject> CreateAsync(TestNamespace @namespace, int port, string liveUpdate = "auto", string dockerfile = "COPY site /site\n" + Serve, string more = "", string settings = "")
    {
        TestProject project = TestProject.Create(@namespace);
        return project
            .WithBusybox("package")
            .Write("package/banner.txt", "first banner\n")
            .Write("base.dockerfile", TestProject.Busybox + "COPY banner.txt /site/banner.txt\n")
            .Write("site/index.html", "first page\n")
            .Write("app.dockerfile", $"FROM {project.Image("base")}\n{dockerfile}")
            .Write("app.yml", ManifestText.Deployment(App, project.Image("app"), more))
            .Write("devloop.yaml", $"""
                version: 1
                name: {project.Id}
                cluster: {await ManifestText.ClusterAsync(@namespace)}
                images:
                  {project.Image("base")}: {"{context: package, dockerfile: base.dockerfile}"}
                  {project.Image("app")}:
                    context: .
                    dockerfile: app.dockerfile
                    live_update: {liveUpdate}
                {settings}
                manifests: [app.yml]
                resources:
                  {App}: {$"{{port_forwards: [\"{port}:8080\"]}}"}

                """);
    }

    /// <summary>The containers of the app are up to date with what was saved after the mark.</summary>
    public static async Task<RunEvent> UpdatedAsync(this DevloopProcess up, int mark)
    {
        RunEvent seen = await up.Events.FirstAsync(e => e.Is("live_update_finished") || e.Is("deploy_started"), mark, "live_update_finished");
        seen.Type.ShouldBe("live_update_finished", up.Events.Text(mark));
        seen.Outcome.ShouldBe("updated", seen.Json.ToJsonString());
        return seen;
    }

    /// <summary>What says that a pod and its container are still the same.</summary>
    public static async Task<(string Pod, string Container, int Restarts)> IdentityAsync(this TestNamespace @namespace, string app = App)
    {
        PodSeen pod = await @namespace.PodAsync(app);
        var status = (await @namespace.GetAsync("pod", pod.Name))["status"]!["containerStatuses"]![0]!;
        return (pod.Uid, (string)status["containerID"]!, (int)status["restartCount"]!);
    }

    public static async Task<string> InPodAsync(this TestNamespace @namespace, params string[] busybox) =>
        await @namespace.KubectlAsync(["exec", (await @namespace.PodAsync(App)).Name, "--", "/bin/busybox", .. busybox]);
}
