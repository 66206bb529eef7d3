using System.Diagnostics;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>
/// samples/nodejs-express as it stands, but for node itself: its build arg NODE_IMAGE names a stand-in made of this machine's node and npm,
/// with a filled npm cache, so that no registry is asked while images are built.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class NodejsExpressSampleTests
{
    private const string Base = "nodejs-express-base-image", App = "nodejs-express-app-image";

    [Fact]
    public async Task An_edit_of_the_app_is_served_without_installing_packages_again()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = TestProject.Create(@namespace);
        int port = Browser.FreePort();
        string node = project.Image("node") + ":1";
        await ImportNodeAsync(node);
        CopySample(project);
        string config = await File.ReadAllTextAsync(project.PathOf("devloop.yaml"));
        project.Write("devloop.yaml", config
            .Replace("node_env: development", $"node_env: development\n      NODE_IMAGE: {node}", StringComparison.Ordinal)
            .Replace("allow_contexts: [devloop-test]", $"allow_contexts: [{await TestNamespace.ContextAsync()}]\n  namespace: {@namespace.Name}", StringComparison.Ordinal)
            .Replace("[3000]", $"[\"{port}:3000\"]", StringComparison.Ordinal));

        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        try
        {
            await up.ReadyAsync();
            (await Browser.GetAsync(port, "")).ShouldBe("Hello from express, version 1\n");
            (await Browser.GetAsync(port, "healthz")).ShouldBe("""{"node_env":"development"}""");

            int mark = up.Events.Count;
            project.Write("app/greeting.js", "module.exports = 'Hello from express, version 2';\n");
            await up.SeenAsync("build_finished", image: App, outcome: "built", from: mark);
            await up.ReadyAsync(mark);
            up.Events.Since(mark).Where(e => e.Is("build_started")).Select(e => e.Image).ShouldBe([App]);
            (await Browser.GetAsync(port, "")).ShouldBe("Hello from express, version 2\n");

            mark = up.Events.Count;
            project.Write("package/package.json", (await File.ReadAllTextAsync(project.PathOf("package/package.json"))).Replace("\"1.0.0\"", "\"1.0.1\"", StringComparison.Ordinal));
            RunEvent built = await up.SeenAsync("build_finished", image: Base, outcome: "built", from: mark);
            await up.SeenAsync("build_finished", image: App, outcome: "built", from: mark);
            await up.ReadyAsync(mark);
            up.Events.Since(mark).Where(e => e.Is("build_started")).Select(e => e.Image).ShouldBe([Base, App]);
            (await DevloopProcess.RunAsync(project, "dockerfile", App)).ShouldExitWith(0).Out.ShouldStartWith($"FROM {Base}:{built.Text("tag")}\n");
            await up.StopAsync();
        }
        finally
        {
            await RemoveImagesAsync(up.Events.All);
        }
    }

    private static void CopySample(TestProject project)
    {
        string sample = Path.Combine(RepositoryRoot(), "samples", "nodejs-express");
        foreach (string file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories).Where(f => !f.Contains("node_modules", StringComparison.Ordinal)))
            project.Write(Path.GetRelativePath(sample, file), File.ReadAllText(file));
    }

    private static string RepositoryRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Devloop.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory.ShouldNotBeNull("the tests stand in the repository");
    }

    /// <summary>An image of node, npm and a shell, with all packages of the sample in npm's cache.</summary>
    private static async Task ImportNodeAsync(string image)
    {
        string root = Directory.CreateTempSubdirectory("devloop-node-").FullName;
        try
        {
            string packages = Path.Combine(root, "packages"), imageRoot = Path.Combine(root, "image");
            Directory.CreateDirectory(packages);
            File.Copy(Path.Combine(RepositoryRoot(), "samples/nodejs-express/package/package.json"), Path.Combine(packages, "package.json"));
            await RunAsync(packages, "npm", "install", "--no-audit", "--no-fund", "--cache", Path.Combine(imageRoot, "npm-cache"));

            string node = (await RunAsync(root, "node", "--print", "process.execPath")).Trim();
            string npm = Path.Combine((await RunAsync(root, "npm", "root", "--global")).Trim(), "npm");
            // ldd prints `name => /path (address)` and, for the loader, `/path (address)`.
            string[] libraries = [.. (await RunAsync(root, "ldd", node)).Split([' ', '\t', '\n']).Where(word => word.StartsWith('/'))];
            foreach (string file in libraries)
                Put(file, imageRoot, file);
            Put(node, imageRoot, "/usr/bin/node");
            Put("/bin/busybox", imageRoot, "/bin/busybox");
            Put("/bin/busybox", imageRoot, "/bin/sh");
            Directory.CreateDirectory(Path.Combine(imageRoot, "tmp"));
            Directory.CreateDirectory(Path.Combine(imageRoot, "usr/lib"));
            await RunAsync(root, "cp", "--recursive", "--dereference", npm, Path.Combine(imageRoot, "usr/lib/npm"));
            string start = Path.Combine(imageRoot, "usr/bin/npm");
            await File.WriteAllTextAsync(start, "#!/bin/sh\nexec /usr/bin/node /usr/lib/npm/bin/npm-cli.js \"$@\"\n");
            await RunAsync(root, "chmod", "755", start);

            string archive = Path.Combine(root, "image.tar");
            await RunAsync(root, "tar", "--create", "--file", archive, "--directory", imageRoot, ".");
            await RunAsync(root, "docker", "import", "--change", "ENV PATH=/usr/bin:/bin", "--change", "ENV NPM_CONFIG_CACHE=/npm-cache",
                "--change", "ENV NPM_CONFIG_OFFLINE=true", "--change", "ENV NPM_CONFIG_UPDATE_NOTIFIER=false", archive, image);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Put(string file, string root, string path)
    {
        string to = Path.Combine(root, path.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(file, to, overwrite: true);
    }

    private static async Task<string> RunAsync(string directory, string command, params string[] arguments) =>
        (await Tool.RunAsync(new ProcessStartInfo(command, arguments) { WorkingDirectory = directory })).ShouldExitWith(0).Out;

    /// <summary>The sample's names are not the test's own, so only the tags that it made go.</summary>
    private static async Task RemoveImagesAsync(IEnumerable<RunEvent> events)
    {
        string[] made = [.. events.Where(e => e.Is("build_finished", outcome: "built")).Select(e => $"{e.Image}:{e.Text("tag")}").Distinct()];
        if (made.Length > 0)
            await Tool.RunAsync(new ProcessStartInfo("docker", ["rmi", "--force", .. made]));
    }
}
