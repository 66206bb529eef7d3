using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What a BuildKit does, whichever way leads to it.</summary>
public abstract class BuildKitWayContract : ImageBuilderContract, IAsyncLifetime
{
    /// <summary>A base that steps can run on; gets its name before each test.</summary>
    protected abstract ImageReference Base { get; }

    public async Task InitializeAsync()
    {
        using TemporaryDirectory files = new TemporaryDirectory().WithBusybox();
        ImageDigest built = await Build(Order() with
        {
            Image = new ImageName("where-base"),
            Repository = Repository is null ? null : Base with { Tag = null },
            DockerfileText = TestEngine.Busybox,
            Context = files.Snapshot(),
        });
        (await Store.TagAsync(built, Base, CancellationToken.None)).ShouldBeTrue();
    }

    public abstract Task DisposeAsync();

    protected override BuildOrder FailingOrder() => OnBase("RUN echo no luck && exit 3");

    protected override BuildOrder EndlessOrder() => OnBase($"RUN echo begun && sleep 3600 # {Guid.NewGuid()}");

    protected static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));

    private BuildOrder OnBase(string rest) => Order() with { DockerfileText = $"FROM {Base.Familiar}\n{rest}\n", Context = ContextSnapshot.Empty };
}
