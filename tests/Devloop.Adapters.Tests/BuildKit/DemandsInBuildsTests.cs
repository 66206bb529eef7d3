using System.Collections.Immutable;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>What a config asks of the builder, as a real one takes it.</summary>
[Trait("Needs", "Engine")]
public sealed class DemandsInBuildsTests(TestEngine engine) : IClassFixture<TestEngine>, IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_stages_that_are_named_are_built_anew_and_no_others()
    {
        string salt = Guid.NewGuid().ToString();
        BuildOrder order = Order($"FROM scratch AS kept\nCOPY note /kept-{salt}\nFROM scratch AS fresh\nCOPY note /fresh-{salt}\nFROM scratch\nCOPY --from=kept / /a\nCOPY --from=fresh / /b\n");
        await Built(order);

        RecordedProgress progress = await Built(order with { Demands = new BuildDemands { NoCacheStages = ["fresh"] } });

        Cached(progress, "/kept-" + salt).ShouldBeTrue();
        Cached(progress, "/fresh-" + salt).ShouldBeFalse();
    }

    [Fact]
    public async Task Steps_kept_inside_of_an_image_make_it_another_one()
    {
        BuildOrder order = Order("FROM scratch\nCOPY note /inline\n");
        ImageDigest plain = await DigestOf(order);

        (await DigestOf(order with { Demands = new BuildDemands { CacheTo = [new CacheLocation(CacheLocation.Inline, Empty)] } })).ShouldNotBe(plain);
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task A_cache_in_a_registry_is_looked_at()
    {
        string reference = $"{TestEngine.Registry}/asks/cache:none";
        RecordedProgress progress = await Built(Order($"FROM scratch\nCOPY note /{Guid.NewGuid()}\n") with
        {
            Demands = new BuildDemands { CacheFrom = [new CacheLocation(CacheLocation.Registry, Empty.Add("ref", reference))] },
        });

        progress.All.OfType<BuildProgress.StepStarted>().ShouldContain(s => s.Step.Contains("importing cache manifest from " + reference, StringComparison.Ordinal));
    }

    private static readonly ImmutableSortedDictionary<string, string> Empty = ImmutableSortedDictionary<string, string>.Empty;

    private BuildOrder Order(string dockerfile)
    {
        _files.Write("note", "text");
        return new BuildOrder { Image = new ImageName("asks"), DockerfileName = "Dockerfile", DockerfileText = dockerfile, Context = _files.Snapshot() };
    }

    private async Task<RecordedProgress> Built(BuildOrder order)
    {
        var progress = new RecordedProgress();
        (await engine.Builder.BuildAsync(order, progress, CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>();
        return progress;
    }

    private async Task<ImageDigest> DigestOf(BuildOrder order) =>
        (await engine.Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>().Digest;

    private static bool Cached(RecordedProgress progress, string step) =>
        progress.All.OfType<BuildProgress.StepFinished>().Single(s => s.Step.Contains(step, StringComparison.Ordinal)).Cached;
}
