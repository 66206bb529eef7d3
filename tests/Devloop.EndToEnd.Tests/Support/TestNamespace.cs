using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>A namespace of a test in the real cluster; gone at the end with everything in it.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    private TestNamespace(string name) => Name = name;

    public static string Kubeconfig => Environment.GetEnvironmentVariable("DEVLOOP_TEST_KUBECONFIG") is { Length: > 0 } set
        ? set
        : throw new InvalidOperationException("these tests need a cluster: set DEVLOOP_TEST_KUBECONFIG");

    public string Name { get; }

    public static async Task<TestNamespace> CreateAsync()
    {
        var created = new TestNamespace("e2e-" + Guid.NewGuid().ToString("N")[..8]);
        (await RunAsync("create", "namespace", created.Name)).ShouldExitWith(0);
        return created;
    }

    /// <summary>The context of the tests' kubeconfig: no local cluster's name, so a config has to allow it.</summary>
    public static async Task<string> ContextAsync() => (await RunAsync("config", "current-context")).ShouldExitWith(0).Out.Trim();

    /// <summary>kubectl in this namespace; a failure fails the test.</summary>
    public async Task<string> KubectlAsync(params string[] arguments) => (await RunAsync(["--namespace", Name, .. arguments])).ShouldExitWith(0).Out;

    /// <summary>Applies manifests as somebody else would.</summary>
    public async Task ApplyAsync(string manifests) =>
        (await Tool.RunAsync(new ProcessStartInfo("kubectl", ["--kubeconfig", Kubeconfig, "--namespace", Name, "apply", "--filename", "-"]), manifests)).ShouldExitWith(0);

    public async Task<JsonObject> GetAsync(string kind, string name) => (JsonObject)JsonNode.Parse(await KubectlAsync("get", kind, name, "--output", "json"))!;

    /// <summary>The pods of a Deployment that are not on their way out, by uid.</summary>
    public async Task<IReadOnlyList<PodSeen>> PodsAsync(string app)
    {
        JsonNode list = JsonNode.Parse(await KubectlAsync("get", "pods", "--selector", $"app={app}", "--output", "json"))!;
        return
        [
            .. list["items"]!.AsArray()
                .Where(p => p!["metadata"]!["deletionTimestamp"] is null)
                .Select(p => new PodSeen((string)p!["metadata"]!["name"]!, (string)p["metadata"]!["uid"]!, (string)p["spec"]!["containers"]![0]!["image"]!))
                .OrderBy(p => p.Uid, StringComparer.Ordinal),
        ];
    }

    /// <summary>The one pod of a Deployment.</summary>
    public async Task<PodSeen> PodAsync(string app) => (await PodsAsync(app)).ShouldHaveSingleItem();

    /// <summary>Changes with every write to the object, of whoever.</summary>
    public async Task<string> VersionOfAsync(string kind, string name) => (string)(await GetAsync(kind, name))["metadata"]!["resourceVersion"]!;

    /// <summary>A file as a pod's container has it.</summary>
    public Task<string> FileInPodAsync(PodSeen pod, string path) => KubectlAsync("exec", pod.Name, "--", "/bin/busybox", "cat", path);

    private static Task<Ended> RunAsync(params string[] arguments) => Tool.RunAsync(new ProcessStartInfo("kubectl", ["--kubeconfig", Kubeconfig, .. arguments]));

    public async ValueTask DisposeAsync() => (await RunAsync("delete", "namespace", Name, "--wait=false")).ShouldExitWith(0);
}

internal sealed record PodSeen(string Name, string Uid, string Image);
