namespace Devloop.EndToEnd.Tests.Support;

/// <summary>The shape of samples/quickstart: a base with its own context, an app on it that serves files, a workload, a port-forward.</summary>
internal static class Quickstart
{
    public const string App = "web";

    public static async Task<TestProject> CreateAsync(TestNamespace @namespace, int? port = null, string registry = "")
    {
        TestProject project = TestProject.Create(@namespace);
        return project
            .WithBusybox("package")
            .Write("package/banner.txt", "first banner\n")
            .Write("base.dockerfile", TestProject.Busybox + "COPY banner.txt /www/banner.txt\nENTRYPOINT [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n")
            .Write("site/index.html", "first page\n")
            .Write("site/notes.bak", "nobody reads this\n")
            .Write("README.md", "nothing copies this\n")
            .Write(".dockerignore", "**/*.bak\n")
            .Write("app.dockerfile", $"# The app: files on the base.\nFROM {project.Image("base")}\nCOPY site/ /www/\n")
            .Write("app.yml", ManifestText.Deployment(App, project.Image("app")))
            .Write("devloop.yaml", $"""
                version: 1
                name: {project.Id}
                cluster: {await ManifestText.ClusterAsync(@namespace)}
                {registry}
                images:
                  {project.Image("base")}: {"{context: package, dockerfile: base.dockerfile}"}
                  {project.Image("app")}: {"{context: ., dockerfile: app.dockerfile}"}
                manifests: [app.yml]
                resources:
                  {App}: {(port is null ? "{}" : $"{{port_forwards: [\"{port}:8080\"]}}")}

                """);
    }
}
