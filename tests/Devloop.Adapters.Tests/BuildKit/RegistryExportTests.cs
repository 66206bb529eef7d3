using Devloop.Adapters.BuildKit;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>What is asked of a BuildKit that keeps no images, and what is made of its answer, with a real registry behind it.</summary>
[Trait("Needs", "Registry")]
public sealed class RegistryExportTests : IDisposable
{
    private static readonly RegistryCredentials Credentials = new(new DockerConfigFile("/nowhere"));

    private readonly DistributionRegistry _registry = new(Credentials, new RegistryOptions(), TimeProvider.System);
    private readonly HttpClient _http = new();
    private readonly ImageReference _repository = Reference($"{TestEngine.Registry}/devloop/where-export-{Guid.NewGuid():N}");

    public void Dispose()
    {
        _registry.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task An_image_is_pushed_by_its_digest_and_gets_its_content_tag_after_it()
    {
        await using var server = new StubBuildKit(_ => PushAsync());
        (BuildOutcome outcome, RegistryImageStore store) = await BuildAsync(server, insecure: false);

        ImageDigest digest = outcome.ShouldBeOfType<BuildOutcome.Built>().Digest;
        digest.ShouldBe((await _registry.FindAsync(_repository.WithTag("pushed"), "linux/amd64", default))!.Digest);
        var solve = server.Solved.ShouldHaveSingleItem();
        solve.Exporter.ShouldBe("image");
        solve.ExporterAttrs.ShouldBe(new Dictionary<string, string> { ["name"] = _repository.Name, ["push"] = "true", ["push-by-digest"] = "true" }, ignoreOrder: true);
        ImageReference tagged = _repository.WithTag(ContentTag.Of(digest).Value);
        (await store.TagAsync(digest, tagged, default)).ShouldBeTrue();
        (await _registry.FindAsync(tagged, "linux/amd64", default))!.Digest.ShouldBe(digest);
    }

    [Fact]
    public async Task A_registry_in_the_clear_is_named_as_such()
    {
        await using var server = new StubBuildKit(_ => PushAsync());
        await BuildAsync(server, insecure: true);

        server.Solved.ShouldHaveSingleItem().ExporterAttrs["registry.insecure"].ShouldBe("true");
    }

    [Theory]
    [InlineData("failed to push {0}: server message: insufficient_scope: authorization failed: 401 Unauthorized", DiagnosticCode.RegistryAuth, false)]
    [InlineData("failed to push {0}: failed to do request: Head \"https://x\": dial tcp 10.0.0.1:5000: connect: connection refused", DiagnosticCode.RegistryUnreachable, true)]
    [InlineData("failed to push {0}: failed to do request: Head \"https://x\": http: server gave HTTP response to HTTPS client", DiagnosticCode.RegistryUnreachable, true)]
    [InlineData("failed to push {0}: unexpected status: 500 Internal Server Error", DiagnosticCode.PushFailed, false)]
    public async Task A_push_that_fails_is_told_by_its_cause(string text, string code, bool environment)
    {
        await using var server = new StubBuildKit(_ => throw new GrpcException(GrpcCode.Unknown, string.Format(System.Globalization.CultureInfo.InvariantCulture, text, _repository)));
        BuildOutcome.Failed failed = (await BuildAsync(server, insecure: false)).Outcome.ShouldBeOfType<BuildOutcome.Failed>();

        Diagnostic why = failed.Diagnostics.ShouldHaveSingleItem();
        (why.Code, failed.Environment).ShouldBe((code, environment));
        why.Help.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("failed to copy: write /var/lib/buildkit/x: no space left on device", "image `app` did not build: no space is left on the disk of BuildKit", "buildctl prune")]
    [InlineData("failed to do request: dial tcp: lookup reg.io on 10.0.0.1:53: no such host", "image `app` did not build: the network failed", "BuildKit reaches registries")]
    public async Task What_fails_on_the_builders_side_is_told_of_the_builder_and_not_of_an_engine(string text, string message, string help)
    {
        await using var server = new StubBuildKit(_ => throw new GrpcException(GrpcCode.Unknown, text));
        Diagnostic why = (await BuildAsync(server, insecure: false)).Outcome.ShouldBeOfType<BuildOutcome.Failed>().Diagnostics.ShouldHaveSingleItem();

        why.Message.ShouldBe(message);
        why.Help.ShouldNotBeNull().ShouldContain(help);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_after_the_push_is_the_environments_fault()
    {
        await using var server = new StubBuildKit(_ => Task.FromResult<IReadOnlyDictionary<string, string>>(Manifest("sha256:" + new string('0', 64))));
        BuildOutcome.Failed failed = (await BuildAsync(server, insecure: false, Reference("127.0.0.1:1/app"))).Outcome.ShouldBeOfType<BuildOutcome.Failed>();

        failed.Environment.ShouldBeTrue();
        failed.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.RegistryUnreachable);
    }

    [Fact]
    public async Task A_buildkit_without_workers_is_told_as_such()
    {
        await using var server = new StubBuildKit(_ => PushAsync());
        await using var builder = new BuildKitImageBuilder(server, GrpcEntry.Direct, new EngineExport(), Credentials);

        (await builder.ProbeAsync(default)).ShouldBeOfType<EngineProbe.Unreachable>().Why.Message.ShouldBe("BuildKit at `stub` cannot be reached: it has no worker");
    }

    private async Task<(BuildOutcome Outcome, RegistryImageStore Store)> BuildAsync(StubBuildKit server, bool insecure, ImageReference? repository = null)
    {
        using TemporaryDirectory files = new TemporaryDirectory().Write("content", "content");
        var store = new RegistryImageStore(_registry, _ => throw new InvalidOperationException("nobody asks for the builder here"));
        await using var builder = new BuildKitImageBuilder(server, GrpcEntry.Direct, new RegistryExport(_registry, store, insecure), Credentials);
        BuildOutcome outcome = await builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName("app"),
            Repository = repository ?? _repository,
            Context = files.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch\nCOPY content /content\n",
        }, new RecordedProgress(), CancellationToken.None);
        return (outcome, store);
    }

    private async Task<IReadOnlyDictionary<string, string>> PushAsync()
    {
        ImageReference pushed = _repository.WithTag("pushed");
        await new RegistryUpload(_http, TestEngine.Registry).PutAsync(pushed, Guid.NewGuid().ToString());
        return Manifest((await _registry.FindAsync(pushed, "linux/amd64", default))!.ManifestDigest);
    }

    private static Dictionary<string, string> Manifest(string digest) => new Dictionary<string, string> { ["containerimage.digest"] = digest };

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));
}
