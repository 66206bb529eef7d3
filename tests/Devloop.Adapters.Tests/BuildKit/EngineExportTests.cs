using Devloop.Adapters.BuildKit;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>What is asked of an engine's BuildKit, and what is made of its answer, with either image store.</summary>
public sealed class EngineExportTests
{
    private const string Config = "sha256:c", Manifest = "sha256:e";

    [Fact]
    public async Task Where_containerd_keeps_the_images_layers_stay_uncompressed_and_the_config_is_the_identity()
    {
        var worker = new WorkerRecord { Id = "w", Labels = { ["org.mobyproject.buildkit.worker.snapshotter"] = "overlayfs" } };
        (SolveRequest solve, BuildOutcome outcome, (ImageDigest, string)[] learnt) = await BuildAsync(worker, ("containerimage.digest", Manifest), ("containerimage.config.digest", Config));

        solve.Exporter.ShouldBe("moby");
        solve.ExporterAttrs["compression"].ShouldBe("uncompressed");
        outcome.ShouldBe(new BuildOutcome.Built(new ImageDigest(Config)));
        learnt.ShouldBe([(new ImageDigest(Config), Manifest)]);
    }

    [Fact]
    public async Task An_old_engine_is_asked_for_nothing_more_and_tells_the_config_alone()
    {
        (SolveRequest solve, BuildOutcome outcome, _) = await BuildAsync(new WorkerRecord { Id = "moby" }, ("containerimage.digest", Config));

        solve.Exporter.ShouldBe("moby");
        solve.ExporterAttrs.ShouldBeEmpty();
        outcome.ShouldBe(new BuildOutcome.Built(new ImageDigest(Config)));
    }

    private static async Task<(SolveRequest, BuildOutcome, (ImageDigest, string)[])> BuildAsync(WorkerRecord worker, params (string, string)[] answer)
    {
        var learnt = new List<(ImageDigest, string)>();
        await using var server = new StubBuildKit(_ => Task.FromResult<IReadOnlyDictionary<string, string>>(answer.ToDictionary(a => a.Item1, a => a.Item2))) { Worker = worker };
        await using var builder = new BuildKitImageBuilder(server, GrpcEntry.Direct, new EngineExport((digest, id) => learnt.Add((digest, id))), new RegistryCredentials(new DockerConfigFile("/nowhere")));
        using TemporaryDirectory files = new TemporaryDirectory().Write("content", "content");
        BuildOutcome outcome = await builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName("app"),
            Context = files.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch\nCOPY content /content\n",
        }, new RecordedProgress(), CancellationToken.None);
        return (server.Solved.ShouldHaveSingleItem(), outcome, [.. learnt]);
    }
}
