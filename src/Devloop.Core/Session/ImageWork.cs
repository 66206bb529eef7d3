using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>What is done to images: read and hash the inputs, look the key up, build, tag, push.</summary>
public sealed class ImageWork(World world, string root, Delivery? delivery, Action<SideNews> tell) : IAsyncDisposable
{
    /// <summary>Writing to the store waits for the disk; nobody else waits for it. A crash in between costs one look-up.</summary>
    private Task _recording = Task.CompletedTask;
    private readonly Lock _lock = new();

    /// <summary>What an external base resolves to; asked once in a run, so that a plan does not change under way.</summary>
    private readonly ConcurrentDictionary<string, Task<string>> _external = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ImageName, ImageReference> _references = [];

    public async Task<EngineEvent> TakeFingerprintAsync(EngineEffect.TakeFingerprint effect, CancellationToken cancellationToken)
    {
        ImageDefinition image = effect.Image;
        _references[image.Name] = image.Target.Selector.Reference;
        string directory = ProjectPath.Absolute(root, image.Target.Context);
        ContextSnapshot context;
        switch (await ReadAsync(directory, image.Filter, cancellationToken).ConfigureAwait(false))
        {
            case ContextReading.Read read:
                context = read.Snapshot;
                break;
            case ContextReading.Unreadable unreadable:
                return new EngineEvent.FingerprintFailed(effect.Work, image.Name, [Unreadable(image, unreadable)], Environment: false);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
        try
        {
            var external = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string reference in image.ExternalBases)
                external[reference] = await ResolveAsync(reference).WaitAsync(cancellationToken).ConfigureAwait(false);
            ContentKey key = ContentKeys.Of(image, context, effect.Bases, external);
            ImageDigest? known = effect.IgnoreKnown ? null : await FindAsync(key, image, cancellationToken).ConfigureAwait(false);
            return new EngineEvent.Fingerprinted(effect.Work, image.Name, new Fingerprint(key, context, effect.Bases), known);
        }
        catch (EngineUnreachableException e)
        {
            return new EngineEvent.FingerprintFailed(effect.Work, image.Name, [e.Diagnostic], Environment: true);
        }
    }

    /// <summary>Reads the inputs; again when a link among them leads to what was not read, which only the tree can tell.</summary>
    private async Task<ContextReading> ReadAsync(string directory, ContextFilter filter, CancellationToken cancellationToken)
    {
        while (true)
        {
            ContextReading reading = await world.Contexts.ReadAsync(directory, filter, cancellationToken).ConfigureAwait(false);
            if (reading is not ContextReading.Read read || filter.FollowLinks(read.Snapshot.Entries) is not { } wider)
                return reading;
            filter = wider;
        }
    }

    /// <summary>The digest that a key led to before, if the engine still has the image; it gets its tag again in case it lost it.</summary>
    private async Task<ImageDigest?> FindAsync(ContentKey key, ImageDefinition image, CancellationToken cancellationToken) =>
        world.Keys.Find(key) is { } digest
        && await world.Store.TagAsync(digest, image.Target.Selector.Reference.WithTag(ContentTag.Of(digest).Value), cancellationToken).ConfigureAwait(false)
            ? digest
            : null;

    private Task<string> ResolveAsync(string reference) => _external.GetOrAdd(reference, async r =>
    {
        try
        {
            return await world.Store.FindAsync(r, CancellationToken.None).ConfigureAwait(false) is { } digest ? digest.Value : r;
        }
        catch
        {
            _external.TryRemove(r, out _);
            throw;
        }
    });

    public async Task<EngineEvent> BuildAsync(EngineEffect.StartBuild effect, CancellationToken cancellationToken)
    {
        ImageDefinition image = effect.Image;
        BuildOrder order = BuildOrders.Of(image, effect.Fingerprint, noCache: effect.Reasons.Any(r => r is BuildReason.Asked));
        var progress = new Relay(p => tell(new SideNews.Build(image.Name, p)));
        BuildOutcome outcome = await world.Builder.BuildAsync(order, progress, cancellationToken).ConfigureAwait(false);
        if (outcome is BuildOutcome.Built built)
        {
            try
            {
                ContentTag tag = ContentTag.Of(built.Digest);
                if (!await world.Store.TagAsync(built.Digest, image.Target.Selector.Reference.WithTag(tag.Value), cancellationToken).ConfigureAwait(false))
                    outcome = Lost(image);
                else
                    Record(effect.Fingerprint.Key, built.Digest);
            }
            catch (EngineUnreachableException e)
            {
                outcome = new BuildOutcome.Failed([e.Diagnostic]) { Environment = true };
            }
        }
        return new EngineEvent.BuildFinished(effect.Work, image.Name, outcome);
    }

    public async Task<EngineEvent> PushAsync(EngineEffect.StartPush effect, CancellationToken cancellationToken)
    {
        ContentTag tag = ContentTag.Of(effect.Digest);
        ImageReference reference = delivery!.PushReference(_references[effect.Image], tag);
        Diagnostic? failure = null;
        try
        {
            await world.Store.TagAsync(effect.Digest, reference, cancellationToken).ConfigureAwait(false);
            var progress = new Relay(p => tell(new SideNews.Build(effect.Image, p)));
            if (await world.Store.PushAsync(reference, progress, cancellationToken).ConfigureAwait(false) is PushOutcome.Failed failed)
                failure = failed.Why;
        }
        catch (EngineUnreachableException e)
        {
            failure = e.Diagnostic;
        }
        return new EngineEvent.PushFinished(effect.Work, effect.Image, effect.Digest, failure);
    }

    private void Record(ContentKey key, ImageDigest digest)
    {
        lock (_lock)
            _recording = Task.WhenAll(_recording, Task.Run(() => world.Keys.Record(key, digest)));
    }

    public async ValueTask DisposeAsync() => await _recording.ConfigureAwait(false);

    private static BuildOutcome.Failed Lost(ImageDefinition image) => new(
    [
        Diagnostic.Error(DiagnosticCode.BuilderLost, $"image `{image.Name}` was built, but the engine does not have it any more") with
        {
            Help = "something prunes the engine at the same time; a save tries again",
        },
    ]);

    private static Diagnostic Unreadable(ImageDefinition image, ContextReading.Unreadable what) =>
        Diagnostic.Error(DiagnosticCode.ContextUnreadable, $"`{ProjectPath.Join(image.Target.Context, what.Path)}`, an input of image `{image.Name}`, cannot be read: {what.Reason}") with
        {
            At = image.Target.At,
            Help = "a line in `.dockerignore` leaves it out; or its permissions let it be read",
        };

    /// <summary>Passes progress on at once and in order; <see cref="Progress{T}"/> would hand it to a thread pool.</summary>
    private sealed class Relay(Action<BuildProgress> tell) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => tell(value);
    }
}
