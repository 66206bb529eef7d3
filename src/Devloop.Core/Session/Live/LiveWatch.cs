using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Engine.Live;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session.Live;

/// <summary>Finds in the pods of resources the containers that run images with live update, and tells when they are others than before.</summary>
/// <param name="images">What containers run that leave it to their image.</param>
/// <param name="delivery">Null when the nodes share the engine.</param>
/// <param name="touched">What earlier runs gave containers.</param>
/// <param name="tell">Hears all containers of a resource.</param>
public sealed class LiveWatch(BaseKnowledge images, Delivery? delivery, ITouchedContainers? touched, Action<ResourceName, ImmutableArray<LiveContainer>> tell)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceName, ImmutableArray<LiveContainer>> _told = [];
    private readonly Dictionary<ResourceName, ResourceView> _views = [];
    private readonly Dictionary<string, ImmutableArray<LivePath>> _earlier = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(ImageName, ContentTag), Task<BaseImage?>> _configs = [];
    private ImmutableDictionary<ResourceName, ImmutableArray<(ImageTarget Target, string Platform)>> _targets = ImmutableDictionary<ResourceName, ImmutableArray<(ImageTarget, string)>>.Empty;

    /// <summary>The resources from now on.</summary>
    public void Track(ResolvedProject project) => _targets = project.Resources.Where(r => !r.RunsToEnd)
        .Select(r => (r.Name, Targets: r.Targets.Where(t => t.LiveUpdate is not null && project.HasImage(t.Name)).Select(t => (t, project.Image(t.Name).Dockerfile.Platform.ToString())).ToImmutableArray()))
        .Where(r => !r.Targets.IsEmpty).ToImmutableDictionary(r => r.Name, r => r.Targets);

    public void See(ResourceView view)
    {
        if (!_targets.TryGetValue(view.Resource, out ImmutableArray<(ImageTarget, string)> targets))
            return;
        lock (_lock)
        {
            _views[view.Resource] = view;
            ImmutableArray<LiveContainer> seen = [.. view.Pods.Where(p => !p.IsDeleting()).SelectMany(p => In(view.Resource, p, targets)).OrderBy(c => c.Place.Id, StringComparer.Ordinal)];
            ImmutableArray<LiveContainer> before = _told.GetValueOrDefault(view.Resource, []);
            if (before.SequenceEqual(seen))
                return;
            foreach (LiveContainer gone in before.Where(b => !seen.Any(s => s.Place.Id == b.Place.Id)))
                touched?.Forget(gone.Place.Id);
            _told[view.Resource] = seen;
            tell(view.Resource, seen);
        }
    }

    private IEnumerable<LiveContainer> In(ResourceName resource, JsonObject pod, ImmutableArray<(ImageTarget Target, string Platform)> targets)
    {
        foreach (JsonObject container in pod.Items("spec", "containers"))
        {
            if (container.Text("image") is not { } image || container.Text("name") is not { } name || Find(image, targets) is not { } found)
                continue;
            JsonObject? status = pod.Items("status", "containerStatuses").FirstOrDefault(s => s.Text("name") == name);
            if (status?.Text("containerID") is not { Length: > 0 } id || status["state"]?["running"] is null)
                continue;
            yield return new LiveContainer(new ContainerPlace(pod.Text("metadata", "namespace") ?? "default", pod.Name(), name, id), pod.Uid(), found.Target.Name, found.Tag)
            {
                Supervised = LiveEquipment.StandOf(container).Supervised,
                Awareness = AwarenessOf(container, resource, found.Target, found.Tag, found.Platform),
                Touched = EarlierIn(id),
            };
        }
    }

    private ImmutableArray<LivePath> EarlierIn(string id)
    {
        if (!_earlier.TryGetValue(id, out ImmutableArray<LivePath> files))
            _earlier[id] = files = [.. touched?.In(id).Select(f => new LivePath(f.Image, f.Path)) ?? []];
        return files;
    }

    /// <summary>What a container runs does about files; null while its image is being asked what that is.</summary>
    private FileAwareness? AwarenessOf(JsonObject container, ResourceName resource, ImageTarget target, ContentTag tag, string platform)
    {
        EquipmentStand stand = LiveEquipment.StandOf(container);
        ImmutableArray<string> command = stand.Supervised ? stand.Command : LiveEquipment.CommandOf(container, image: null);
        if (command.IsEmpty)
        {
            Task<BaseImage?> config = ConfigOf(resource, target, tag, platform);
            if (!config.IsCompletedSuccessfully)
                return null;
            command = config.Result is { } image ? LiveEquipment.CommandOf(container, image) : [];
        }
        return command.IsEmpty ? FileAwareness.None : Entrypoints.AwarenessOf(command);
    }

    /// <summary>What an image says of itself, asked once; when it has answered, the resource is looked at again.</summary>
    private Task<BaseImage?> ConfigOf(ResourceName resource, ImageTarget target, ContentTag tag, string platform)
    {
        Task<BaseImage?> config = _configs.GetOrAdd((target.Name, tag), _ => AskAsync(target, tag, platform));
        if (!config.IsCompletedSuccessfully)
            _ = config.ContinueWith(_ => Again(resource), TaskScheduler.Default);
        return config;
    }

    private async Task<BaseImage?> AskAsync(ImageTarget target, ContentTag tag, string platform)
    {
        try
        {
            return await images.OfImageAsync(target.Selector.Reference, tag, platform, CancellationToken.None).ConfigureAwait(false);
        }
        catch (EngineUnreachableException)
        {
            // Of a program that nobody knows it is taken that it notices nothing.
            return null;
        }
    }

    private void Again(ResourceName resource)
    {
        ResourceView? view;
        lock (_lock)
            view = _views.GetValueOrDefault(resource);
        if (view is not null)
            See(view);
    }

    /// <summary>The image that a container runs, when it is one that was put there by its content tag.</summary>
    private (ImageTarget Target, ContentTag Tag, string Platform)? Find(string image, ImmutableArray<(ImageTarget Target, string Platform)> targets)
    {
        if (!ImageReference.TryParse(image, out ImageReference? reference) || reference.Tag is not { } text || !text.StartsWith(ContentTag.Prefix, StringComparison.Ordinal))
            return null;
        var tag = new ContentTag(text);
        foreach ((ImageTarget target, string platform) in targets)
        {
            if ((delivery?.PullReference(target.Selector.Reference, tag) ?? target.Selector.Reference.WithTag(text)).Equals(reference))
                return (target, tag, platform);
        }
        return null;
    }
}
