using System.Net.Http.Headers;
using System.Text.Json;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Docker;

[Trait("Needs", "Engine")]
public sealed class DockerEngineTests(TestEngine engine) : IClassFixture<TestEngine>
{
    [Fact]
    public async Task An_engine_says_who_it_is()
    {
        EngineProbe.Reached reached = (await engine.Store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Reached>();

        reached.Id.ShouldNotBeEmpty();
        reached.Version.ShouldMatch(@"^\d+\.\d+");
        reached.Platform.ShouldMatch("^linux/(amd64|arm64)");
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_neither_found_nor_tagged()
    {
        var digest = new ImageDigest("sha256:" + new string('0', 64));

        (await engine.Store.FindAsync(digest.Value, CancellationToken.None)).ShouldBeNull();
        (await engine.Store.FindAsync("devloop.test/no/such:image", CancellationToken.None)).ShouldBeNull();
        (await engine.Store.TagAsync(digest, Reference("devloop.test/x:y"), CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task A_pushed_image_is_in_the_registry_under_the_digest_that_was_told()
    {
        ImageReference reference = Reference($"{TestEngine.Registry}/devloop/pushed:one");
        ImageDigest built = await BuildAndTag(reference, Guid.NewGuid().ToString());
        var progress = new RecordedProgress();

        PushOutcome.Pushed pushed = (await engine.Store.PushAsync(reference, progress, CancellationToken.None)).ShouldBeOfType<PushOutcome.Pushed>();

        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.docker.distribution.manifest.v2+json"));
        using JsonDocument manifest = JsonDocument.Parse(await http.GetStringAsync($"http://{TestEngine.Registry}/v2/devloop/pushed/manifests/{pushed.ManifestDigest}"));
        manifest.RootElement.GetProperty("config").GetProperty("digest").GetString().ShouldBe(built.Value);
        progress.All.OfType<BuildProgress.Transfer>().ShouldContain(t => t.Done);
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task Pushing_again_sends_nothing_and_tells_the_same_digest()
    {
        ImageReference reference = Reference($"{TestEngine.Registry}/devloop/pushed:twice");
        await BuildAndTag(reference, "the same");
        PushOutcome first = await engine.Store.PushAsync(reference, new RecordedProgress(), CancellationToken.None);
        var progress = new RecordedProgress();

        (await engine.Store.PushAsync(reference, progress, CancellationToken.None)).ShouldBe(first.ShouldBeOfType<PushOutcome.Pushed>());
        progress.All.OfType<BuildProgress.Transfer>().Where(t => t.Done).ShouldAllBe(t => t.Name == "Layer already exists");
    }

    [Fact]
    public async Task A_registry_out_of_reach_is_told_as_such()
    {
        ImageReference reference = Reference("127.0.0.1:1/devloop/pushed:never");
        await BuildAndTag(reference, "never");

        Diagnostic why = (await engine.Store.PushAsync(reference, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<PushOutcome.Failed>().Why;

        why.Code.ShouldBe(DiagnosticCode.RegistryUnreachable);
        why.Help.ShouldNotBeNull();
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task An_image_that_only_the_registry_has_is_in_the_engine_after_a_pull()
    {
        ImageReference reference = Reference($"{TestEngine.Registry}/devloop/pulled-{Guid.NewGuid():N}:one");
        using var http = new HttpClient();
        ImageDigest uploaded = await new RegistryUpload(http, TestEngine.Registry).PutAsync(reference, Guid.NewGuid().ToString());
        var progress = new RecordedProgress();

        (await engine.Store.PullAsync(reference, progress, CancellationToken.None)).ShouldBe(new PullOutcome.Pulled());

        (await engine.Store.FindAsync(reference.ToString(), CancellationToken.None)).ShouldBe(uploaded);
        progress.All.OfType<BuildProgress.Transfer>().ShouldContain(t => t.Done);
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task Pulling_what_the_registry_does_not_have_fails()
    {
        ImageReference reference = Reference($"{TestEngine.Registry}/devloop/not-there:1");

        Diagnostic why = (await engine.Store.PullAsync(reference, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<PullOutcome.Failed>().Why;

        why.Code.ShouldBe(DiagnosticCode.PullFailed);
        why.Help!.ShouldContain($"docker pull {reference.Familiar}");
    }

    [Fact]
    public async Task Pushing_what_is_not_there_fails()
    {
        Diagnostic why = (await engine.Store.PushAsync(Reference($"{TestEngine.Registry}/devloop/not-built:1"), new RecordedProgress(), CancellationToken.None))
            .ShouldBeOfType<PushOutcome.Failed>().Why;

        why.Code.ShouldBe(DiagnosticCode.PushFailed);
    }

    private async Task<ImageDigest> BuildAndTag(ImageReference reference, string content)
    {
        using TemporaryDirectory files = new TemporaryDirectory().Write("content", content);
        BuildOutcome outcome = await engine.Builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName(reference.Path),
            Context = files.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch\nCOPY content /content\n",
        }, new RecordedProgress(), CancellationToken.None);
        ImageDigest digest = outcome.ShouldBeOfType<BuildOutcome.Built>().Digest;
        (await engine.Store.TagAsync(digest, reference, CancellationToken.None)).ShouldBeTrue();
        return digest;
    }

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));
}

public sealed class UnreachableEngineTests
{
    [Fact]
    public async Task An_engine_that_is_not_there_is_told_with_its_address()
    {
        using var store = new DockerEngine(new EngineDialer(EngineAddress.Parse("unix:///nowhere/docker.sock")), new RegistryCredentials(new DockerConfigFile("/nowhere")));

        Diagnostic why = (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Unreachable>().Why;

        why.Code.ShouldBe(DiagnosticCode.EngineUnreachable);
        why.Message.ShouldBe("the Docker Engine at `unix:///nowhere/docker.sock` cannot be reached: the socket does not exist");
        why.Help.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_told_as_such()
    {
        using var store = new DockerEngine(new EngineDialer(EngineAddress.Parse("tcp://127.0.0.1:1")), new RegistryCredentials(new DockerConfigFile("/nowhere")));

        Diagnostic why = (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Unreachable>().Why;

        why.Message.ShouldBe("the Docker Engine at `tcp://127.0.0.1:1` cannot be reached: nothing listens there");
    }
}
