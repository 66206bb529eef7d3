using System.Collections.Concurrent;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>
/// The registry as the memory of builds, at work: looks keys up, publishes what was built, and fetches what others built. Trouble with it
/// costs a build and is told once; it fails nothing.
/// </summary>
/// <param name="memory">Null when no builds are shared: nothing is found, and nothing is to be published or pulled.</param>
public sealed class ImageMemory(World world, ImagePlace place, BuildMemory? memory, Action<SideNews> tell)
{
    /// <summary>Nothing is built afterwards: the tags of images stay where they are.</summary>
    public bool OnlyLooks { get; init; }

    /// <summary>How long a look may keep a build waiting.</summary>
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(8);

    /// <summary>What an alias says is final, so each is asked for once.</summary>
    private readonly ConcurrentDictionary<(string Repository, ContentKey Key), RegistryImage> _found = [];

    /// <summary>1 after a look that failed: a registry that is away is not waited for again until a push shows that it is back.</summary>
    private int _away;
    private int _told;

    /// <summary>The image that was published under a key, with its content tag in place; null when there is none or the registry is away.</summary>
    public async Task<RegistryImage?> FindAsync(ImageDefinition image, ContentKey key, CancellationToken cancellationToken)
    {
        if (memory is null || Volatile.Read(ref _away) == 1)
            return null;
        ImageReference alias = memory.AliasOf(image.Target.Selector.Reference, key);
        if (_found.TryGetValue((alias.Name, key), out RegistryImage? known))
            return known;
        using var patience = new CancellationTokenSource(LookPatience, world.Clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            if (await ReadAsync(alias, image, stop.Token).ConfigureAwait(false) is not { } found)
                return null;
            // Nodes and engines ask for the content tag; it may have been cleaned away while the alias was kept.
            ContentTag tag = ContentTag.Of(found.Digest);
            if ((await ReadAsync(alias.WithTag(tag.Value), image, stop.Token).ConfigureAwait(false))?.Digest != found.Digest)
                await world.Registry.TagAsync(alias, found, tag.Value, stop.Token).ConfigureAwait(false);
            await TagAsync(alias, found, image, stop.Token).ConfigureAwait(false);
            _found[(alias.Name, key)] = found;
            return found;
        }
        catch (RegistryException e)
        {
            GoAway(e.Diagnostic);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            GoAway(Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"the registry `{alias.Domain}` cannot be reached: no answer within {LookPatience.TotalSeconds:0} s")
                with { Help = "`registry.host` in devloop.yaml names the registry; it must run and be reachable" });
            return null;
        }
    }

    /// <summary>Publishes a pushed image under its key; gives the digest that counts for everybody, which may be another one's.</summary>
    public async Task<EngineEvent.Published> PublishAsync(EngineEffect.StartPublish effect, ImageDefinition image, CancellationToken cancellationToken)
    {
        ImageDigest counts = effect.Digest;
        try
        {
            ImageReference pushed = memory!.ImageAt(image.Target.Selector.Reference, ContentTag.Of(effect.Digest));
            if (await ReadAsync(pushed, image, cancellationToken).ConfigureAwait(false) is { } own)
            {
                RegistryImage agreed = await AgreeAsync(own, image, effect.Key, cancellationToken).ConfigureAwait(false);
                _found[(pushed.Name, effect.Key)] = agreed;
                counts = agreed.Digest;
                await TagAsync(pushed, agreed, image, cancellationToken).ConfigureAwait(false);
            }
            Volatile.Write(ref _away, 0);
        }
        catch (RegistryException e)
        {
            Warn(e.Diagnostic, "the image is pushed, but others do not find it under its key");
        }
        return new EngineEvent.Published(effect.Work, effect.Image, effect.Key, counts);
    }

    /// <summary>
    /// Gives an image of the registry the tags that the config has for it, where all that is built is shared; without layers, for they are
    /// there. An image of another name would need them in another repository, and a builder without an engine has given its tags already.
    /// </summary>
    private async Task TagAsync(ImageReference repository, RegistryImage published, ImageDefinition image, CancellationToken cancellationToken)
    {
        ImageReference name = image.Target.Selector.Reference;
        if (OnlyLooks || memory is not { Whole: true } || place.RepositoryOf(name) is not null)
            return;
        foreach (string tag in image.Target.Tags.Where(t => t.Name == name.Name).Select(t => t.Tag ?? "latest"))
        {
            try
            {
                if (await world.Registry.TagAsync(repository, published, tag, cancellationToken).ConfigureAwait(false)
                    || (await ReadAsync(repository.WithTag(tag), image, cancellationToken).ConfigureAwait(false))?.Digest == published.Digest)
                {
                    continue;
                }
                Tell(Diagnostic.Error(DiagnosticCode.PushFailed, $"`{repository.WithTag(tag).Familiar}` stays on another image: the registry does not let tags move") with
                {
                    Help = "another tag in `tags` of the image is put; or the registry is set so that tags may move",
                });
            }
            catch (RegistryException e)
            {
                Tell(e.Diagnostic);
            }
        }

        void Tell(Diagnostic why) => tell(new SideNews.Notice(AsWarning(why, $"image `{image.Name}` is in the registry, but not with all of its `tags`")));
    }

    private async Task<RegistryImage> AgreeAsync(RegistryImage own, ImageDefinition image, ContentKey key, CancellationToken cancellationToken)
    {
        ImageReference name = image.Target.Selector.Reference, alias = memory!.AliasOf(name, key), claim = memory.ClaimOf(name, key);
        PublishStep step = Publication.First;
        while (step is not PublishStep.Done)
        {
            long began = world.Clock.GetTimestamp();
            RegistryImage? seen = step switch
            {
                PublishStep.ReadAlias or PublishStep.ReadAliasAgain or PublishStep.ReadLastAlias => await ReadAsync(alias, image, cancellationToken).ConfigureAwait(false),
                PublishStep.ReadClaim or PublishStep.ReadSettledClaim => await ReadAsync(claim, image, cancellationToken).ConfigureAwait(false),
                PublishStep.WriteClaim => await WriteAsync(claim, own, cancellationToken).ConfigureAwait(false),
                PublishStep.WriteAlias s => await WriteAsync(alias, s.Settled, cancellationToken).ConfigureAwait(false),
                PublishStep.Settle s => await WaitAsync(s.Time, cancellationToken).ConfigureAwait(false),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            step = Publication.After(step, own, seen, world.Clock.GetElapsedTime(began));
        }
        return ((PublishStep.Done)step).Counts;
    }

    /// <summary>Brings an image of the registry into the engine under its content tag; null when it is there.</summary>
    public async Task<Diagnostic?> PullAsync(ImageDigest digest, ImageDefinition image, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        ContentTag tag = ContentTag.Of(digest);
        ImageReference name = image.Target.Selector.Reference, local = place.ReferenceTo(name, tag), remote = memory!.ImageAt(name, tag);
        try
        {
            if (await world.Store.TagAsync(digest, local, cancellationToken).ConfigureAwait(false))
                return null;
            if (await world.Store.PullAsync(remote, progress, cancellationToken).ConfigureAwait(false) is PullOutcome.Failed failed)
                return AsWarning(failed.Why, "it is built instead");
            return await world.Store.TagAsync(digest, local, cancellationToken).ConfigureAwait(false)
                ? null
                : AsWarning(Diagnostic.Error(DiagnosticCode.PullFailed, $"`{remote.Familiar}` is not the image that was published") with { Help = "the registry's tags of devloop are written by devloop alone" }, "it is built instead");
        }
        catch (EngineUnreachableException e)
        {
            return AsWarning(e.Diagnostic, "it is built instead");
        }
    }

    /// <summary>A push went through: the registry is there.</summary>
    public void SeePush() => Volatile.Write(ref _away, 0);

    private async Task<RegistryImage?> ReadAsync(ImageReference reference, ImageDefinition image, CancellationToken cancellationToken)
    {
        RegistryImage? found = await world.Registry.FindAsync(reference, image.Dockerfile.Platform.ToString(), cancellationToken).ConfigureAwait(false);
        return found is not null && image.Target.IsIndex ? found with { Digest = new ImageDigest(found.ManifestDigest) } : found;
    }

    private async Task<RegistryImage?> WriteAsync(ImageReference reference, RegistryImage image, CancellationToken cancellationToken) =>
        await world.Registry.TagAsync(reference, image, reference.Tag!, cancellationToken).ConfigureAwait(false) ? image : null;

    private async Task<RegistryImage?> WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.Delay(time, world.Clock, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private void GoAway(Diagnostic why)
    {
        Volatile.Write(ref _away, 1);
        Warn(why, "what others built is not looked up; images are built here");
    }

    private void Warn(Diagnostic why, string consequence)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            tell(new SideNews.Notice(AsWarning(why, consequence)));
    }

    private static Diagnostic AsWarning(Diagnostic why, string consequence) => why with { Severity = Severity.Warning, Notes = [.. why.Notes, consequence] };
}
