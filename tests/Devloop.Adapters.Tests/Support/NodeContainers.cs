using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Support;

/// <summary>
/// Containers of the engine that run a containerd of their own, as the nodes of kind and k3d do: this machine's <c>containerd</c> and
/// <c>ctr</c>, bound into an empty image. They, and the images made here, are gone with the test.
/// </summary>
public sealed class NodeContainers : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _prefix = "devloop-load-" + Guid.NewGuid().ToString("N")[..12];
    private readonly List<string> _containers = [];
    private readonly List<string> _images = [];

    /// <summary>Starts a node and waits until it takes images.</summary>
    /// <param name="room">What it has for images, in MiB.</param>
    public async Task<ImageNode> StartAsync(IEnumerable<string> labels, int room = 256)
    {
        string name = $"{_prefix}-{_containers.Count}";
        string image = await ImportAsync("node", size: 0);
        _containers.Add(name);
        string id = await DockerAsync(null,
        [
            "run", "--detach", "--name", name, "--network", "none", .. labels.SelectMany(l => new[] { "--label", l }),
            // containerd mounts the layers that it unpacks.
            "--cap-add", "SYS_ADMIN", "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
            "--tmpfs", "/run", "--tmpfs", "/tmp", "--tmpfs", $"/var/lib/containerd:size={room}m",
            .. Bound("/lib", "/lib64", OnPath("containerd"), OnPath("ctr")),
            image, OnPath("containerd"),
        ]);
        await UntilAsync(async () => (await RunAsync(null, ["exec", name, OnPath("ctr"), "version"])).ExitCode == 0);
        return new ImageNode(new NodeContainer(id, name), NodeRuntime.Containerd);
    }

    /// <summary>Starts a node whose images are those of the engine itself: its docker client speaks to the engine's own socket.</summary>
    public async Task<ImageNode> StartWithEngineAsync(string socket)
    {
        string name = $"{_prefix}-{_containers.Count}";
        string image = await ImportAsync("node", size: 0);
        _containers.Add(name);
        string client = OnPath("docker");
        string id = await DockerAsync(null,
        [
            "run", "--detach", "--name", name, "--network", "none", .. Bound("/lib", "/lib64", OnPath("sleep")),
            "--volume", $"{client}:/usr/bin/docker:ro", "--volume", $"{socket}:/var/run/docker.sock", image, OnPath("sleep"), "600",
        ]);
        return new ImageNode(new NodeContainer(id, name), NodeRuntime.Docker);
    }

    public static async Task StopAsync(ImageNode node) => await DockerAsync(null, ["kill", node.Container.Name]);

    /// <summary>Puts an image of random bytes into the engine.</summary>
    public async Task<ImageReference> PutAsync(int size)
    {
        string name = await ImportAsync("devloop-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), size);
        return ImageReference.TryParse(name, out ImageReference? reference) ? reference : throw new InvalidOperationException(name);
    }

    /// <summary>Waits until no command runs in a node but the one that it began with.</summary>
    public static Task UntilIdleAsync(ImageNode node) =>
        UntilAsync(async () => (await RunAsync(null, ["inspect", "--format", "{{json .ExecIDs}}", node.Container.Name])).Output is "null" or "[]");

    public async ValueTask DisposeAsync()
    {
        if (_containers.Count > 0)
            await RunAsync(null, ["rm", "--force", "--volumes", .. _containers]);
        if (_images.Count > 0)
            await RunAsync(null, ["rmi", "--force", .. _images.Distinct()]);
    }

    private async Task<string> ImportAsync(string tag, int size)
    {
        string name = $"{_prefix}:{tag}";
        using var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "run"));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "random") { DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(size)) });
        }
        _images.Add(name);
        await DockerAsync(archive.ToArray(), ["import", "-", name]);
        return name;
    }

    private static IEnumerable<string> Bound(params string[] paths) => paths.Where(Path.Exists).SelectMany(p => new[] { "--volume", $"{p}:{p}:ro" });

    private static string OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"`{program}` is not on the path; Debian's package containerd has containerd and ctr");

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isSo())
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
    }

    private static async Task<string> DockerAsync(byte[]? input, string[] arguments)
    {
        (int code, string output, string errors) = await RunAsync(input, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"docker {arguments[0]}: {errors}");
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(byte[]? input, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, (await output).Trim(), await errors);
    }
}
