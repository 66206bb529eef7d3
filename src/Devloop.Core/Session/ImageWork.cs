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

/// <summary>What is done to images: read and hash the inputs, look the key up, build, tag, push or load, publish, pull.</summary>
/// <param name="onlyLooks">Nothing is built afterwards: further names of images stay where they are.</param>
public sealed class ImageWork(World world, string root, RunOptions options, LastBuilds last, Action<SideNews> tell, bool onlyLooks = false)
{
    private readonly InputReader _inputs = new(world.Contexts, root);
    private readonly BaseKnowledge _bases = new(world, options.Place, options.Memory);
    private readonly ExternalBases _external = new(world);
    private readonly ImageMemory _memory = new(world, options.Place, options.Memory, tell) { OnlyLooks = onlyLooks };

    /// <summary>Each image as it was looked at last; what is pushed was looked at.</summary>
    private readonly ConcurrentDictionary<ImageName, ImageDefinition> _definitions = [];

    /// <summary>1 once it was told that this is no place for the cache of GitHub Actions.</summary>
    private int _toldOfActions;

    public async Task<EngineEvent> TakeFingerprintAsync(EngineEffect.TakeFingerprint effect, CancellationToken cancellationToken)
    {
        _definitions[effect.Image.Name] = effect.Image;
        try
        {
            ImmutableSortedDictionary<string, ExternalBase> external = await _external.OfAsync(effect.Image, cancellationToken).ConfigureAwait(false);
            ImmutableDictionary<string, BaseImage> described = await _bases.DescribeAsync(effect.Image, effect.Bases, external, cancellationToken).ConfigureAwait(false);
            Parsed<ImageDefinition> knowing = effect.Image.Knowing(described);
            if (!knowing.TryGet(out ImageDefinition? image))
                return new EngineEvent.FingerprintFailed(effect.Work, effect.Image.Name, knowing.Diagnostics, Environment: false);

            (InputReading? inputs, ContextReading.Unreadable? unreadable) = await _inputs.ReadAsync(image, effect.Known, cancellationToken).ConfigureAwait(false);
            if (inputs is null)
                return new EngineEvent.FingerprintFailed(effect.Work, image.Name, [Unreadable(image, unreadable!)], Environment: false);
            // A trigger of a base may name further ones.
            external = await _external.OfAsync(image, cancellationToken).ConfigureAwait(false);
            var identities = external.ToImmutableDictionary(e => e.Key, e => e.Value.Identity);
            var fingerprint = new Fingerprint(image, ContentKeys.Of(image, inputs.Snapshot, effect.Bases, identities), inputs, effect.Bases)
            {
                Fields = ContentKeys.Fields(image, effect.Bases, identities),
                ExternalPins = external.Where(e => e.Value.Pin is not null).ToImmutableDictionary(e => e.Key, e => e.Value.Pin!),
            };
            if (!effect.IgnoreKnown && await FindAsync(fingerprint.Key, image, effect.Look, cancellationToken).ConfigureAwait(false) is { } known)
            {
                last.Remember(fingerprint, known.Digest);
                return new EngineEvent.Fingerprinted(effect.Work, image.Name, fingerprint, known);
            }
            return new EngineEvent.Fingerprinted(effect.Work, image.Name, fingerprint with { Differences = last.Compare(fingerprint) }, null);
        }
        catch (EngineUnreachableException e)
        {
            return new EngineEvent.FingerprintFailed(effect.Work, effect.Image.Name, [e.Diagnostic], Environment: true);
        }
    }

    /// <summary>What a key led to before: what the registry says counts for everybody, else what this machine built and the engine still has.</summary>
    private async Task<KnownImage?> FindAsync(ContentKey key, ImageDefinition image, RegistryLook look, CancellationToken cancellationToken)
    {
        ImageDigest? own = world.Keys.Find(key);
        bool inEngine = own is { } built && await TagAsync(built, image, cancellationToken).ConfigureAwait(false);
        bool asks = look == RegistryLook.Always || (look == RegistryLook.WhenUnknown && !inEngine);
        if (asks && await _memory.FindAsync(image, key, cancellationToken).ConfigureAwait(false) is { } published)
        {
            if (published.Digest != own)
            {
                inEngine = await TagAsync(published.Digest, image, cancellationToken).ConfigureAwait(false);
                world.Keys.Record(key, published.Digest, replaces: own);
            }
            return new KnownImage(published.Digest, inEngine, Published: true);
        }
        return inEngine ? new KnownImage(own!.Value, InEngine: true, Published: false) : null;
    }

    /// <summary>Gives an image its content tag, also in case it lost it, and the further names that the config has for it; false when the engine does not have it.</summary>
    private async Task<bool> TagAsync(ImageDigest digest, ImageDefinition image, CancellationToken cancellationToken)
    {
        if (!await world.Store.TagAsync(digest, options.Place.ReferenceTo(image.Target.Selector.Reference, ContentTag.Of(digest)), cancellationToken).ConfigureAwait(false))
            return false;
        foreach (ImageReference further in onlyLooks ? [] : image.Target.Tags)
            await world.Store.TagAsync(digest, options.Place.NameOf(further), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <param name="answer">Hears how the steps stand while the build runs.</param>
    public async Task<EngineEvent> BuildAsync(EngineEffect.StartBuild effect, Action<EngineEvent> answer, CancellationToken cancellationToken)
    {
        ImageDefinition image = effect.Image;
        BuildOrder order = BuildOrders.Of(image, effect.Fingerprint, options.Place, effect.NoCache);
        using var progress = new BuildTelling(effect, world.Clock, tell, answer);
        BuildOutcome outcome = await RefusedAsync(image, cancellationToken).ConfigureAwait(false)
            ?? await world.Builder.BuildAsync(order, progress, cancellationToken).ConfigureAwait(false);
        if (outcome is BuildOutcome.Built built)
        {
            try
            {
                outcome = await TagAsync(built.Digest, image, cancellationToken).ConfigureAwait(false)
                    ? new BuildOutcome.Built(await FileAsync(effect, built.Digest, cancellationToken).ConfigureAwait(false))
                    : Lost(image);
            }
            catch (EngineUnreachableException e)
            {
                outcome = new BuildOutcome.Lost(e.Diagnostic);
            }
        }
        return new EngineEvent.BuildFinished(effect.Work, image.Name, outcome) { Steps = progress.End() };
    }

    /// <summary>The end of a build that asks for what its builder cannot do; null when it can be begun.</summary>
    private async Task<BuildOutcome?> RefusedAsync(ImageDefinition image, CancellationToken cancellationToken)
    {
        if (!BuilderSupport.Depends(image.Target))
            return null;
        try
        {
            BuilderAbilities builder = await world.Builder.AbilitiesAsync(cancellationToken).ConfigureAwait(false);
            if (BuilderSupport.GoesWithoutActionsCache(image.Target, builder) && Interlocked.Exchange(ref _toldOfActions, 1) == 0)
                tell(new SideNews.Remark("caches of type `gha` are left out: the environment has neither their address nor a token"));
            ImmutableArray<Diagnostic> missing = BuilderSupport.Missing(image.Target, builder);
            return missing.IsEmpty ? null : new BuildOutcome.Failed(missing);
        }
        catch (EngineUnreachableException e)
        {
            return new BuildOutcome.Failed([e.Diagnostic]) { Environment = true };
        }
    }

    public async Task<EngineEvent> PushAsync(EngineEffect.StartPush effect, CancellationToken cancellationToken)
    {
        ContentTag tag = ContentTag.Of(effect.Digest);
        ImageReference name = _definitions[effect.Image].Target.Selector.Reference;
        var progress = new Relay(p => tell(new SideNews.Build(effect.Image, p)));
        Diagnostic? failure;
        try
        {
            failure = options.Delivery is Delivery.Nodes nodes
                ? await LoadAsync(effect.Digest, options.Place.ReferenceTo(name, tag), nodes, progress, cancellationToken).ConfigureAwait(false)
                : await PushAsync(effect.Digest, options.Memory?.ImageAt(name, tag) ?? ((Delivery.Registry)options.Delivery!).PushReference(name, tag), progress, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineUnreachableException e)
        {
            failure = e.Diagnostic;
        }
        return new EngineEvent.PushFinished(effect.Work, effect.Image, effect.Digest, failure);
    }

    private async Task<Diagnostic?> PushAsync(ImageDigest digest, ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        await world.Store.TagAsync(digest, reference, cancellationToken).ConfigureAwait(false);
        if (await world.Store.PushAsync(reference, progress, cancellationToken).ConfigureAwait(false) is PushOutcome.Failed failed)
            return failed.Why;
        _memory.SeePush();
        return null;
    }

    /// <summary>A content tag never changes its meaning, so a node that has the name has the image.</summary>
    private async Task<Diagnostic?> LoadAsync(ImageDigest digest, ImageReference reference, Delivery.Nodes nodes, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        await world.Store.TagAsync(digest, reference, cancellationToken).ConfigureAwait(false);
        bool[] has = await Task.WhenAll(nodes.All.Select(n => world.Nodes!.HasAsync(reference, n, cancellationToken))).ConfigureAwait(false);
        ImmutableArray<ImageNode> missing = [.. nodes.All.Where((_, i) => !has[i])];
        return missing.IsEmpty ? null : await world.Nodes!.LoadAsync(reference, missing, progress, cancellationToken).ConfigureAwait(false);
    }

    public async Task<EngineEvent> PublishAsync(EngineEffect.StartPublish effect, CancellationToken cancellationToken)
    {
        EngineEvent.Published published = await _memory.PublishAsync(effect, _definitions[effect.Image], cancellationToken).ConfigureAwait(false);
        if (published.Counts != effect.Digest)
            world.Keys.Record(effect.Key, published.Counts, replaces: effect.Digest);
        return published;
    }

    public async Task<EngineEvent> PullAsync(EngineEffect.StartPull effect, CancellationToken cancellationToken)
    {
        var progress = new Relay(p => tell(new SideNews.Build(effect.Image, p)));
        Diagnostic? failure = await _memory.PullAsync(effect.Digest, _definitions[effect.Image], progress, cancellationToken).ConfigureAwait(false);
        return new EngineEvent.PullFinished(effect.Work, effect.Image, effect.Digest, failure);
    }

    /// <summary>
    /// Files what was built under its key, and gives the digest that counts: that of another devloop when it was sooner and the engine has
    /// it, so that the same key means the same digest.
    /// </summary>
    private async Task<ImageDigest> FileAsync(EngineEffect.StartBuild effect, ImageDigest built, CancellationToken cancellationToken)
    {
        ImageDigest filed = world.Keys.Record(effect.Fingerprint.Key, built);
        if (filed != built && (effect.NoCache || !await TagAsync(filed, effect.Fingerprint.Image, cancellationToken).ConfigureAwait(false)))
            filed = world.Keys.Record(effect.Fingerprint.Key, built, replaces: filed);
        last.Remember(effect.Fingerprint, filed);
        return filed;
    }

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
