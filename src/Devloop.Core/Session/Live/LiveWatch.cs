using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session.Live;

/// <summary>Finds in the pods of resources the containers that run images with live update, and tells when they are others than before.</summary>
/// <param name="delivery">Null when the nodes share the engine.</param>
/// <param name="touched">What earlier runs gave containers.</param>
/// <param name="tell">Hears all containers of a resource.</param>
public sealed class LiveWatch(Delivery? delivery, ITouchedContainers? touched, Action<ResourceName, ImmutableArray<LiveContainer>> tell)
{
    private readonly ConcurrentDictionary<ResourceName, ImmutableArray<LiveContainer>> _told = [];
    private readonly ConcurrentDictionary<string, ImmutableArray<LivePath>> _earlier = new(StringComparer.Ordinal);
    private ImmutableDictionary<ResourceName, ImmutableArray<ImageTarget>> _targets = ImmutableDictionary<ResourceName, ImmutableArray<ImageTarget>>.Empty;

    /// <summary>The resources from now on.</summary>
    public void Track(IEnumerable<ResourceDefinition> resources) => _targets = resources
        .Select(r => (r.Name, Targets: r.Targets.Where(t => t.LiveUpdate is not null).ToImmutableArray()))
        .Where(r => !r.Targets.IsEmpty).ToImmutableDictionary(r => r.Name, r => r.Targets);

    public void See(ResourceView view)
    {
        if (!_targets.TryGetValue(view.Resource, out ImmutableArray<ImageTarget> targets))
            return;
        ImmutableArray<LiveContainer> seen = [.. view.Pods.Where(p => !p.IsDeleting()).SelectMany(p => In(p, targets)).OrderBy(c => c.Place.Id, StringComparer.Ordinal)];
        if (_told.TryGetValue(view.Resource, out ImmutableArray<LiveContainer> before) && before.SequenceEqual(seen))
            return;
        foreach (LiveContainer gone in before.IsDefault ? [] : before.Where(b => !seen.Any(s => s.Place.Id == b.Place.Id)))
            touched?.Forget(gone.Place.Id);
        _told[view.Resource] = seen;
        tell(view.Resource, seen);
    }

    private IEnumerable<LiveContainer> In(JsonObject pod, ImmutableArray<ImageTarget> targets)
    {
        foreach (JsonObject container in pod.Items("spec", "containers"))
        {
            if (container.Text("image") is not { } image || container.Text("name") is not { } name || Find(image, targets) is not { } found)
                continue;
            JsonObject? status = pod.Items("status", "containerStatuses").FirstOrDefault(s => s.Text("name") == name);
            if (status?.Text("containerID") is not { Length: > 0 } id || status["state"]?["running"] is null)
                continue;
            yield return new LiveContainer(new ContainerPlace(pod.Text("metadata", "namespace") ?? "default", pod.Name(), name, id), pod.Uid(), found.Target, found.Tag)
            {
                Touched = _earlier.GetOrAdd(id, i => [.. touched?.In(i).Select(f => new LivePath(f.Image, f.Path)) ?? []]),
            };
        }
    }

    /// <summary>The image that a container runs, when it is one that was put there by its content tag.</summary>
    private (ImageName Target, ContentTag Tag)? Find(string image, ImmutableArray<ImageTarget> targets)
    {
        if (!ImageReference.TryParse(image, out ImageReference? reference) || reference.Tag is not { } text || !text.StartsWith(ContentTag.Prefix, StringComparison.Ordinal))
            return null;
        var tag = new ContentTag(text);
        foreach (ImageTarget target in targets)
        {
            if ((delivery?.PullReference(target.Selector.Reference, tag) ?? target.Selector.Reference.WithTag(text)).Equals(reference))
                return (target.Name, tag);
        }
        return null;
    }
}
