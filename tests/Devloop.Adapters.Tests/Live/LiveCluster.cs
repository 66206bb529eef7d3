using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Tar;
using System.Text.Json.Nodes;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Files;
using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.LiveHelper;
using Devloop.Adapters.Tests.Kubernetes;
using Devloop.Adapters.Tests.Support;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session.Live;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Live;

/// <summary>The real cluster with two images: one with a shell and its tools, and one that has nothing but a program that sleeps.</summary>
public sealed class LiveCluster : IAsyncLifetime
{
    /// <summary>Has <c>/bin/sh</c>, <c>tar</c> and the rest of BusyBox, and files of root at <c>/app</c>.</summary>
    public const string Tools = "devloop-test/live:tools";

    /// <summary>Has <c>/sleep</c>, and <c>/look/busybox</c> for tests to look around with: no shell, and nothing on its PATH.</summary>
    public const string Bare = "devloop-test/live:bare";

    private const string HelperMap = "live-helper";

    private readonly ConcurrentDictionary<string, Task<ContainerPlace>> _shared = new(StringComparer.Ordinal);

    public string Namespace { get; } = "live-" + Guid.NewGuid().ToString("N")[..8];

    public KubernetesCluster Cluster { get; } = new(TestCluster.Access(), TimeProvider.System);

    public EngineContainers Engine { get; } = new(TestEngine.Dialer());

    public static HelperPrograms Programs { get; } = HelperBinaries.Load();

    public ContainerTransfer ByEngine => field ??= new(null, Engine, new SourceFiles(), Programs, TimeProvider.System);

    public ContainerTransfer ByPods => field ??= new(Cluster, null, new SourceFiles(), Programs, TimeProvider.System);

    public ContainerTransfer ByBoth => field ??= new(Cluster, Engine, new SourceFiles(), Programs, TimeProvider.System);

    public async Task InitializeAsync()
    {
        await BuildAsync(Tools, "COPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\nCOPY busybox /look/busybox\nCOPY busybox /app/kept\n");
        await BuildAsync(Bare, "COPY busybox /sleep\nCOPY busybox /look/busybox\nCOPY busybox /app/kept\n");
        await Cluster.ApplyAsync(Json.Parse($$$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{{Namespace}}}"}}"""), TestCluster.Soon());
        string helper = Convert.ToBase64String(Programs.Amd64.Span);
        await Cluster.ApplyAsync(Json.Parse($$$"""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{{HelperMap}}}", "namespace": "{{{Namespace}}}"}, "binaryData": {"helper": "{{{helper}}}"}}"""), TestCluster.Soon());
    }

    public async Task DisposeAsync()
    {
        await Cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "Namespace"), null, Namespace), DeletePropagation.Background, TestCluster.Soon());
        Cluster.Dispose();
        Engine.Dispose();
    }

    /// <summary>A pod with a container <c>main</c>.</summary>
    /// <param name="container">Changes what is said of the container.</param>
    public async Task<ContainerPlace> RunAsync(string name, string image, bool helper = false, string[]? command = null, Action<JsonObject>? container = null, Action<JsonObject>? pod = null)
    {
        JsonObject deployment = Workloads.Deployment(Namespace, name, 1, command ?? ["/sleep", "100000"]);
        var spec = (JsonObject)deployment["spec"]!["template"]!["spec"]!;
        var main = (JsonObject)spec["containers"]![0]!;
        main["image"] = image;
        container?.Invoke(main);
        pod?.Invoke(spec);
        if (helper)
        {
            foreach (JsonNode? each in spec["containers"]!.AsArray())
                each!["volumeMounts"] = new JsonArray([.. (each["volumeMounts"]?.AsArray() ?? []).Select(m => m!.DeepClone()), Json.Parse("""{"name": "devloop-live", "mountPath": "/.devloop", "readOnly": true}""")]);
            spec["volumes"] = new JsonArray([.. (spec["volumes"]?.AsArray() ?? []).Select(m => m!.DeepClone()), Json.Parse($$$"""{"name": "devloop-live", "configMap": {"name": "{{{HelperMap}}}", "defaultMode": 365}}""")]);
        }
        await Cluster.ApplyAsync(deployment, TestCluster.Soon());
        return await PlaceAsync(name, "main", other: null);
    }

    /// <summary>One pod for all tests that leave it as they found it.</summary>
    public Task<ContainerPlace> SharedAsync(string name, Func<Task<ContainerPlace>> run) => _shared.GetOrAdd(name, _ => run());

    /// <summary>The next one who asks for it gets another one.</summary>
    public void Forget(string name) => _shared.TryRemove(name, out _);

    /// <summary>Where the container runs now, once it is ready.</summary>
    /// <param name="other">Null, or the id that it is not to have.</param>
    public async Task<ContainerPlace> PlaceAsync(string name, string container, string? other)
    {
        JsonObject pod = await new ClusterView(Cluster, Namespace).UntilAsync(
            view => view.Find(new ObjectKind("apps/v1", "Deployment"), name) is { } workload && WorkloadHealth.Of(workload, view.All("ReplicaSet"), view.All("Pod"), []) is Health.Ready
                ? ForwardChoice.Choose(workload, view.All("ReplicaSet"), view.All("Pod")) : null,
            p => IdOf(p, container) is { Length: > 0 } id && id != other,
            TestCluster.Soon());
        return new ContainerPlace(Namespace, pod.Text("metadata", "name")!, container, IdOf(pod, container)!);
    }

    public async Task<int> RestartsAsync(ContainerPlace place) =>
        (int)(await Cluster.GetAsync(new ObjectReference(new ObjectKind("v1", "Pod"), Namespace, place.Pod), TestCluster.Soon()))!["status"]!["containerStatuses"]!.AsArray()
            .Single(s => (string)s!["name"]! == place.Container)!["restartCount"]!;

    public static string Id(ContainerPlace place) => place.Id["docker://".Length..];

    /// <summary>Runs docker's client and gives what it writes.</summary>
    public static async Task<byte[]> DockerAsync(params string[] arguments)
    {
        using Process docker = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var output = new MemoryStream();
        Task<string> errors = docker.StandardError.ReadToEndAsync();
        await docker.StandardOutput.BaseStream.CopyToAsync(output);
        await docker.WaitForExitAsync();
        docker.ExitCode.ShouldBe(0, await errors);
        return output.ToArray();
    }

    /// <summary>What BusyBox says in a container, as root.</summary>
    public static async Task<string> LookAsync(ContainerPlace place, params string[] words) =>
        System.Text.Encoding.UTF8.GetString(await DockerAsync(["exec", "-u", "0", Id(place), "/look/busybox", .. words]));

    /// <summary>All that is below a directory of a container, by its path there.</summary>
    public static async Task<IReadOnlyDictionary<string, Found>> TreeAsync(ContainerPlace place, string directory)
    {
        var found = new Dictionary<string, Found>(StringComparer.Ordinal);
        using var archive = new TarReader(new MemoryStream(await DockerAsync("cp", $"{Id(place)}:{directory}", "-")));
        // The archive begins with the last name of the directory.
        string above = directory[..(directory.LastIndexOf('/') + 1)];
        while (await archive.GetNextEntryAsync() is { } entry)
        {
            using var content = new MemoryStream();
            if (entry.DataStream is { } data)
                await data.CopyToAsync(content);
            found[above + entry.Name.TrimEnd('/')] = new Found(
                entry.EntryType, (int)entry.Mode, entry.Uid, entry.Gid, entry.ModificationTime.ToUnixTimeSeconds(), entry.LinkName, Model.ContentHash.Of(content.ToArray()));
        }
        return found;
    }

    private static string? IdOf(JsonObject pod, string container) =>
        (string?)(pod["status"]?["containerStatuses"] as JsonArray ?? []).FirstOrDefault(s => (string)s!["name"]! == container && s["state"]?["running"] is not null)?["containerID"];

    private static async Task BuildAsync(string tag, string instructions)
    {
        using TemporaryDirectory files = new TemporaryDirectory().WithBusybox().Write("Dockerfile", "FROM scratch\n" + instructions);
        await DockerAsync("build", "-q", "-t", tag, files.Root);
    }
}

/// <summary>What stands at a path of a container.</summary>
public sealed record Found(TarEntryType Type, int Mode, int User, int Group, long Seconds, string Link, Model.ContentHash Hash);

/// <summary>One cluster and its pods for all tests of live updates; alone, since files of hundreds of megabytes keep every other test waiting.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LiveCollection : ICollectionFixture<LiveCluster>
{
    public const string Name = "live";
}
