using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Kubernetes.PodExec;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Kubernetes;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>
/// The real engine's BuildKit behind a bridge that takes gRPC at once, as a buildkitd does. It is the engine that keeps the images, so that
/// the exporter is the engine's too.
/// </summary>
public abstract class BridgedBuildKit : BuildKitWayContract
{
    private readonly DockerEngine _store = new(TestEngine.Dialer(), Credentials);
    private BuildKitImageBuilder? _builder;

    protected static RegistryCredentials Credentials { get; } = new(new DockerConfigFile("/nowhere"));

    protected override ImageReference Base { get; } = Reference("devloop.test/where-base:1");

    protected override IImageBuilder Builder => _builder ??= new BuildKitImageBuilder(Dialer, GrpcEntry.Direct, new EngineExport(), Credentials);

    protected override IImageStore Store => _store;

    protected abstract IDialer Dialer { get; }

    public override async Task DisposeAsync()
    {
        if (_builder is not null)
            await _builder.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public async Task It_says_who_it_is()
    {
        await using var builder = new BuildKitImageBuilder(Dialer, GrpcEntry.Direct, new EngineExport(), Credentials);

        EngineProbe.Reached reached = (await builder.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Reached>();

        reached.Id.ShouldNotBeEmpty();
        reached.Version.ShouldStartWith("buildkit");
        reached.Platform.ShouldMatch("^linux/");
    }
}

[Trait("Needs", "Engine")]
public sealed class BuildKitOnUnixTests : BridgedBuildKit
{
    private readonly TemporaryDirectory _files = new();
    private readonly ServerBridge _server;

    public BuildKitOnUnixTests() => _server = ServerBridge.OnUnix(_files["buildkitd.sock"], GrpcOfEngine.DialAsync);

    protected override IDialer Dialer => new EngineDialer(new EngineAddress.Unix(_files["buildkitd.sock"]), ServerKind.BuildKit);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        _files.Dispose();
    }
}

[Trait("Needs", "Engine")]
public sealed class BuildKitOnTcpTests : BridgedBuildKit
{
    private readonly ServerBridge _server = ServerBridge.OnTcp(GrpcOfEngine.DialAsync);

    protected override IDialer Dialer => new EngineDialer(new EngineAddress.Tcp("127.0.0.1", _server.Port), ServerKind.BuildKit);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }
}

[Trait("Needs", "Engine")]
public sealed class BuildKitOverMutualTlsTests : BridgedBuildKit
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();
    private readonly ServerBridge _server;

    public BuildKitOverMutualTlsTests()
    {
        (string certificate, string key) = _authority.IssueForClient();
        _files.Write("ca.pem", _authority.Pem).Write("cert.pem", certificate).Write("key.pem", key);
        (string own, string ownKey) = _authority.Issue("buildkit.test");
        _server = ServerBridge.OnTcp(GrpcOfEngine.DialAsync, new SslServerAuthenticationOptions
        {
            ServerCertificate = X509Certificate2.CreateFromPem(own, ownKey),
            ClientCertificateRequired = true,
            ApplicationProtocols = [SslApplicationProtocol.Http2], // a client that does not offer it is refused
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _authority.Certificate } },
        });
    }

    protected override IDialer Dialer => new EngineDialer(new EngineAddress.Tcp("127.0.0.1", _server.Port, new TlsSettings
    {
        Authorities = _files["ca.pem"],
        Certificate = _files["cert.pem"],
        Key = _files["key.pem"],
        ServerName = "buildkit.test",
        Http2 = true,
    }), ServerKind.BuildKit);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }
}

/// <summary>A pod on the network of its node, whose <c>buildctl</c> joins its input and output to the bridge.</summary>
[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class BuildKitInPodTests(TestCluster cluster, BuildKitPod pod) : BridgedBuildKit, IClassFixture<BuildKitPod>
{
    private readonly List<PodExecDialer> _dialers = [];

    protected override IDialer Dialer => To(new BuilderAddress.KubePod(pod.NameIn(cluster).GetAwaiter().GetResult(), cluster.Namespace, null, null));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _dialers.ForEach(d => d.Dispose());
    }

    [Fact]
    public async Task A_container_may_be_chosen()
    {
        string name = await pod.NameIn(cluster);

        (await ProbeAsync(new BuilderAddress.KubePod(name, cluster.Namespace, null, "main"))).ShouldBeOfType<EngineProbe.Reached>();
        (await WhyNot(new BuilderAddress.KubePod(name, cluster.Namespace, null, "other"))).ShouldEndWith("cannot be reached: the pod has no such container");
    }

    [Fact]
    public async Task The_process_in_the_pod_ends_with_the_connection()
    {
        Files.Write("greeting", "hello");
        await Build(Order());

        await ((IAsyncDisposable)Builder).DisposeAsync();

        await pod.UntilIdleAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_pod_that_is_not_there_is_told_as_such() =>
        (await WhyNot(new BuilderAddress.KubePod("nobody", cluster.Namespace, null, null))).ShouldBe(
            $"BuildKit at `kube-pod://nobody?namespace={cluster.Namespace}` cannot be reached: there is no such pod");

    [Fact]
    public async Task A_buildkitd_that_does_not_run_is_told_in_the_words_of_buildctl()
    {
        string name = await pod.NameIn(cluster, closed: true);

        (await WhyNot(new BuilderAddress.KubePod(name, cluster.Namespace, null, null))).ShouldContain("`buildctl dial-stdio` in the pod ended: ");
    }

    private async Task<string> WhyNot(BuilderAddress.KubePod address) => (await ProbeAsync(address)).ShouldBeOfType<EngineProbe.Unreachable>().Why.Message;

    private async Task<EngineProbe> ProbeAsync(BuilderAddress.KubePod address)
    {
        await using var builder = new BuildKitImageBuilder(To(address), GrpcEntry.Direct, new EngineExport(), Credentials);
        return await builder.ProbeAsync(TestCluster.Soon());
    }

    private PodExecDialer To(BuilderAddress.KubePod address)
    {
        var dialer = new PodExecDialer(TestCluster.Access(), address, TimeProvider.System);
        _dialers.Add(dialer);
        return dialer;
    }
}

/// <summary>One pod, and one whose port nothing listens on, for all tests of a class.</summary>
public sealed class BuildKitPod : IAsyncLifetime
{
    private const string Image = "devloop-test/where-buildctl:1";

    private readonly ServerBridge _server = ServerBridge.OnTcp(GrpcOfEngine.DialAsync);
    private readonly Dictionary<bool, Task<string>> _names = [];

    public async Task InitializeAsync()
    {
        using TemporaryDirectory files = new TemporaryDirectory().WithBusybox().Write("buildctl", "#!/bin/sh\n[ \"$1\" = dial-stdio ] || exit 64\nexec /bin/busybox nc 127.0.0.1 \"$PORT\"\n");
        var credentials = new RegistryCredentials(new DockerConfigFile("/nowhere"));
        await using var builder = new BuildKitImageBuilder(TestEngine.Dialer(), credentials);
        using var store = new DockerEngine(TestEngine.Dialer(), credentials);
        BuildOutcome outcome = await builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName("where-buildctl"),
            DockerfileName = "Dockerfile",
            DockerfileText = TestEngine.Busybox + "COPY buildctl /bin/buildctl\nRUN chmod +x /bin/buildctl\n",
            Context = files.Snapshot(),
        }, new RecordedProgress(), CancellationToken.None);
        ImageReference.TryParse(Image, out ImageReference? reference).ShouldBeTrue();
        (await store.TagAsync(outcome.ShouldBeOfType<BuildOutcome.Built>().Digest, reference!, CancellationToken.None)).ShouldBeTrue();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    /// <summary>Waits until no process of the pod holds a connection.</summary>
    public Task UntilIdleAsync() => _server.UntilIdleAsync();

    /// <param name="closed">The one that leads nowhere.</param>
    public Task<string> NameIn(TestCluster cluster, bool closed = false)
    {
        lock (_names)
            return _names.TryGetValue(closed, out Task<string>? name) ? name : _names[closed] = RunAsync(cluster, closed);
    }

    private async Task<string> RunAsync(TestCluster cluster, bool closed)
    {
        JsonObject deployment = Devloop.Testing.Clusters.Workloads.Deployment(cluster.Namespace, closed ? "buildkitd-closed" : "buildkitd", 1);
        JsonNode spec = deployment["spec"]!["template"]!["spec"]!;
        spec["hostNetwork"] = true;
        spec["containers"]![0]!["image"] = Image;
        spec["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "PORT", ["value"] = (closed ? 1 : _server.Port).ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return (string)(await cluster.RunAsync(deployment))["metadata"]!["name"]!;
    }
}
