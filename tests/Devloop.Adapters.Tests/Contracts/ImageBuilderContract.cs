using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every image builder does, the real one and the fake.</summary>
public abstract class ImageBuilderContract : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    protected abstract IImageBuilder Builder { get; }

    /// <summary>The store that builds end up in.</summary>
    protected abstract IImageStore Store { get; }

    /// <summary>Makes the builder fail at line 2 of orders for this image with exit code 3 and one line of output, <c>no luck</c>.</summary>
    protected abstract BuildOrder FailingOrder();

    /// <summary>An order whose build, once begun, goes on until it is cancelled.</summary>
    protected abstract BuildOrder EndlessOrder();

    protected TemporaryDirectory Files => _files;

    /// <summary>Where a builder that keeps no images pushes them; null for one that keeps them.</summary>
    protected virtual ImageReference? Repository => null;

    /// <summary>A name that a built image may get.</summary>
    protected virtual string TaggedName => "devloop.test/contract:tagged";

    public void Dispose()
    {
        _files.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_same_order_gives_the_same_image_again()
    {
        _files.Write("greeting", "hello");
        ImageDigest first = await Build(Order());

        (await Build(Order())).ShouldBe(first);
    }

    [Fact]
    public async Task A_builder_says_what_it_is_and_that_it_is_no_older_than_buildkit_itself()
    {
        BuilderAbilities abilities = await Builder.AbilitiesAsync(CancellationToken.None);

        abilities.Name.ShouldNotBeEmpty();
        abilities.BuildKit.ShouldBeGreaterThanOrEqualTo(new Version(0, 6));
        (await Builder.AbilitiesAsync(CancellationToken.None)).ShouldBe(abilities);
    }

    [Fact]
    public async Task Other_content_gives_another_image()
    {
        _files.Write("greeting", "hello");
        ImageDigest first = await Build(Order());
        _files.Write("greeting", "howdy");

        (await Build(Order())).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_built_image_is_in_the_store_under_its_digest()
    {
        _files.Write("greeting", "hello");
        ImageDigest built = await Build(Order());

        (await Store.FindAsync(built.Value, CancellationToken.None)).ShouldBe(built);
    }

    [Fact]
    public async Task A_built_image_can_be_tagged_and_found_by_its_tag()
    {
        _files.Write("greeting", "tagged");
        ImageDigest built = await Build(Order());
        ImageReference.TryParse(TaggedName, out ImageReference? reference).ShouldBeTrue();

        (await Store.TagAsync(built, reference!, CancellationToken.None)).ShouldBeTrue();

        (await Store.FindAsync(TaggedName, CancellationToken.None)).ShouldBe(built);
    }

    [Fact]
    public async Task A_named_image_is_listed_and_goes_with_its_last_name()
    {
        _files.Write("greeting", Guid.NewGuid().ToString());
        ImageDigest built = await Build(Order());
        var cleaning = (IEngineCleaning)Store;
        // Builders of several ways are tested at once, and share the engine.
        ImageReference.TryParse($"devloop.test/contract:removed-{Guid.NewGuid():N}", out ImageReference? one).ShouldBeTrue();
        ImageReference two = one!.WithTag(one.Tag + "-too");
        await Store.TagAsync(built, one, CancellationToken.None);
        await Store.TagAsync(built, two, CancellationToken.None);

        StoredImage stored = (await cleaning.ListAsync(CancellationToken.None)).Images.Single(i => i.Digest == built);
        stored.Names.ShouldBe([one, two], ignoreOrder: true);
        (stored.IsUsed, stored.OwnBytes > 0).ShouldBe((false, true));
        (await cleaning.NamedAtAsync(built, CancellationToken.None)).ShouldNotBeNull();

        (await cleaning.RemoveAsync(one, CancellationToken.None)).ShouldBe(EngineRemoval.Removed);
        (await Store.FindAsync(built.Value, CancellationToken.None)).ShouldBe(built);
        (await cleaning.RemoveAsync(two, CancellationToken.None)).ShouldBe(EngineRemoval.Removed);
        (await Store.FindAsync(built.Value, CancellationToken.None)).ShouldBeNull();
        (await cleaning.RemoveAsync(two, CancellationToken.None)).ShouldBe(EngineRemoval.Absent);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_with_its_line_output_and_exit_code()
    {
        BuildOutcome.Failed failed = (await Builder.BuildAsync(FailingOrder(), new RecordedProgress(), CancellationToken.None))
            .ShouldBeOfType<BuildOutcome.Failed>();

        Diagnostic diagnostic = failed.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Code.ShouldBe(DiagnosticCode.BuildStepFailed);
        diagnostic.Message.ShouldEndWith("exit code 3");
        diagnostic.At!.ToString().ShouldBe("app/Dockerfile:2:1");
        diagnostic.Notes.ShouldContain("no luck");
        diagnostic.Help.ShouldNotBeNull();
        failed.Environment.ShouldBeFalse();
    }

    [Fact]
    public async Task Every_step_starts_once_and_ends_once()
    {
        _files.Write("greeting", Guid.NewGuid().ToString());
        var progress = new RecordedProgress();
        await Builder.BuildAsync(Order(), progress, CancellationToken.None);

        string[] started = [.. progress.All.OfType<BuildProgress.StepStarted>().Select(s => s.Id)];
        started.ShouldNotBeEmpty();
        started.ShouldBeUnique();
        progress.All.OfType<BuildProgress.StepFinished>().Select(s => s.Id).ShouldBe(started, ignoreOrder: true);
    }

    [Fact]
    public async Task A_cancelled_build_throws_and_the_next_one_works()
    {
        _files.Write("greeting", "after");
        using var cancel = new CancellationTokenSource();
        var progress = new RecordedProgress();
        Task<BuildOutcome> endless = Builder.BuildAsync(EndlessOrder(), progress, cancel.Token);
        await progress.Until(p => p is BuildProgress.Output { Line: "begun" });

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(endless.WaitAsync(TimeSpan.FromSeconds(30)));
        await Build(Order());
    }

    [Fact]
    public async Task Several_images_are_built_at_once()
    {
        _files.Write("greeting", "hello");
        ContextSnapshot context = _files.Snapshot();
        BuildOrder[] orders = [.. Enumerable.Range(0, 6).Select(i => Order() with
        {
            Image = new ImageName($"parallel-{i}"),
            DockerfileText = $"FROM scratch\nCOPY greeting /greeting-{i}\n",
            Context = context,
        })];

        BuildOutcome[] outcomes = await Task.WhenAll(orders.Select(o => Builder.BuildAsync(o, new RecordedProgress(), CancellationToken.None)));

        outcomes.Select(o => o.ShouldBeOfType<BuildOutcome.Built>().Digest).ShouldBeUnique();
    }

    [Fact]
    public async Task A_file_that_changes_after_it_was_hashed_makes_the_build_obsolete()
    {
        _files.Write("greeting", Guid.NewGuid().ToString());
        BuildOrder order = Order();
        _files.Write("greeting", Guid.NewGuid().ToString()); // as long as before

        (await Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None))
            .ShouldBe(new BuildOutcome.Obsolete("greeting"));
    }

    protected BuildOrder Order() => new()
    {
        Image = new ImageName("app"),
        Repository = Repository,
        DockerfileName = "app/Dockerfile",
        DockerfileText = "FROM scratch\nCOPY greeting /greeting\n",
        Context = _files.Snapshot(),
    };

    protected async Task<ImageDigest> Build(BuildOrder order)
    {
        BuildOutcome outcome = await Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None);
        return outcome switch
        {
            BuildOutcome.Built built => built.Digest,
            BuildOutcome.Failed failed => throw new Xunit.Sdk.XunitException(string.Join('\n', failed.Diagnostics.Select(d => $"{d.Code} {d.Message} {string.Join('\n', d.Notes)}"))),
            _ => throw new Xunit.Sdk.XunitException(outcome.ToString()),
        };
    }
}
