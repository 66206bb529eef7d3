using System.Collections.Immutable;
using System.Globalization;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using Google.Protobuf.Collections;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>
/// All that is asked of BuildKit when a config says all that it can. The words are those of BuildKit's <c>frontend/dockerui</c>,
/// <c>exporter/containerimage/exptypes</c> and <c>cache/remotecache</c>.
/// </summary>
public sealed class SolveRequestTests
{
    private const string Frontend = """
        add-hosts=db.local=10.0.0.5,six.local=::1
        attest:provenance=mode=max
        attest:sbom=generator=reg.io/scan:1
        build-arg:SOURCE_DATE_EPOCH=0
        build-arg:VERSION=1,2
        cache-imports=[{"Type":"registry","Attrs":{"ref":"reg.io/cache:api"}}]
        dockerfilekey=dockerfile
        filename=Dockerfile
        force-network-mode=host
        image-resolve-mode=pull
        label:team=shop
        no-cache=build,test
        platform=linux/amd64,linux/arm64
        shm-size=67108864
        target=run
        ulimit=core=0:-1,nofile=1024:2048
        """;

    private const string Annotations = """
        annotation-index.org.example.a=1
        annotation-manifest-descriptor.org.example.b=2
        annotation.org.example.c=3
        annotation.org.example.d=4
        """;

    private const string Caches = """
        inline
        registry mode=max ref=reg.io/cache:api
        """;

    private static readonly RegistryCredentials Credentials = new(new DockerConfigFile("/nowhere"));

    [Fact]
    public async Task An_engine_is_asked_for_all_of_it_in_buildkits_words()
    {
        SolveRequest solve = await SolvedAsync(new EngineExport(), Rich);

        Text(solve.FrontendAttrs).ShouldBe(Frontend);
        solve.Exporter.ShouldBe("moby");
        Text(solve.ExporterAttrs).ShouldBe(Annotations + "\ncompression=uncompressed");
        Others(solve);
    }

    [Fact]
    public async Task A_buildkit_of_its_own_is_asked_to_push_by_digest_too()
    {
        using var registry = new DistributionRegistry(Credentials, new RegistryOptions(), TimeProvider.System);
        var store = new RegistryImageStore(registry, _ => throw new InvalidOperationException("nobody asks for the builder here"));
        SolveRequest solve = await SolvedAsync(new RegistryExport(registry, store, insecure: true), Rich);

        Text(solve.FrontendAttrs).ShouldBe(Frontend);
        solve.Exporter.ShouldBe("image");
        Text(solve.ExporterAttrs).ShouldBe(Annotations + "\nname=127.0.0.1:1/shop/api\npush=true\npush-by-digest=true\nregistry.insecure=true");
        Others(solve);
    }

    [Fact]
    public async Task What_a_config_does_not_say_is_not_asked_for()
    {
        SolveRequest solve = await SolvedAsync(new EngineExport(), o => o);

        Text(solve.FrontendAttrs).ShouldBe("dockerfilekey=dockerfile\nfilename=Dockerfile\nimage-resolve-mode=local");
        Text(solve.ExporterAttrs).ShouldBe("compression=uncompressed");
        (solve.Cache, solve.Entitlements.Count).ShouldBe((new CacheOptions(), 0));
    }

    [Fact]
    public async Task Without_the_cache_all_stages_are_built_anew_also_where_some_are_named() =>
        (await SolvedAsync(new EngineExport(), o => Rich(o) with { NoCache = true })).FrontendAttrs["no-cache"].ShouldBeEmpty();

    /// <summary>Imports are the frontend's to do, so they are among its attributes and not in the field of the request.</summary>
    private static void Others(SolveRequest solve)
    {
        solve.Frontend.ShouldBe("dockerfile.v0");
        solve.Ref.Length.ShouldBe(32);
        solve.Session.ShouldNotBeEmpty();
        solve.Entitlements.ShouldBe(["network.host"]);
        solve.Cache.Imports.ShouldBeEmpty();
        string.Join('\n', solve.Cache.Exports.Select(e => $"{e.Type} {Text(e.Attrs, ' ')}".TrimEnd())).ShouldBe(Caches);
    }

    private static BuildOrder Rich(BuildOrder order) => order with
    {
        Repository = Reference("127.0.0.1:1/shop/api"),
        Target = "run",
        Platform = "linux/amd64,linux/arm64",
        IsIndex = true,
        Args = Map(("VERSION", "1,2"), ("SOURCE_DATE_EPOCH", "0")),
        Labels = Map(("team", "shop")),
        Network = "host",
        ExtraHosts = Map(("db.local", "10.0.0.5"), ("six.local", "::1")),
        Pull = true,
        Demands = new BuildDemands
        {
            SharedMemory = 64 << 20,
            Limits = [new ResourceLimit("core", 0, -1), new ResourceLimit("nofile", 1024, 2048)],
            NoCacheStages = ["build", "test"],
            CacheFrom = [new CacheLocation(CacheLocation.Registry, Map(("ref", "reg.io/cache:api")))],
            CacheTo = [new CacheLocation(CacheLocation.Inline, Map()), new CacheLocation(CacheLocation.Registry, Map(("ref", "reg.io/cache:api"), ("mode", "max")))],
            Annotations = Map(("index:org.example.a", "1"), ("manifest-descriptor:org.example.b", "2"), ("manifest:org.example.c", "3"), ("org.example.d", "4")),
            Sbom = "generator=reg.io/scan:1",
            Provenance = "mode=max",
        },
    };

    private static async Task<SolveRequest> SolvedAsync(ImageExport export, Func<BuildOrder, BuildOrder> change)
    {
        await using var server = new StubBuildKit(_ => throw new GrpcException(GrpcCode.Unknown, "seen"))
        {
            Worker = new WorkerRecord { Id = "w", Labels = { ["org.mobyproject.buildkit.worker.snapshotter"] = "overlayfs" } },
        };
        await using var builder = new BuildKitImageBuilder(server, GrpcEntry.Direct, export, Credentials);
        using TemporaryDirectory files = new TemporaryDirectory().Write("content", "content");
        await builder.BuildAsync(change(new BuildOrder
        {
            Image = new ImageName("api"),
            Context = files.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch AS run\nCOPY content /content\n",
        }), new RecordedProgress(), CancellationToken.None);
        return server.Solved.ShouldHaveSingleItem();
    }

    private static string Text(MapField<string, string> attributes, char between = '\n') =>
        string.Join(between, attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key}={a.Value}")));

    private static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] entries) =>
        entries.ToImmutableSortedDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));
}
