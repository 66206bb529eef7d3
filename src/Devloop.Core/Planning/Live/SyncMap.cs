using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Where the syncs of an image bring what, and what stands at a place of a container by them.</summary>
internal sealed class SyncMap
{
    /// <summary>With their absolute directories; the deployed image first, then its bases from the nearest on.</summary>
    private readonly ImmutableArray<(ImageDefinition Image, string Context)> _holders;

    /// <summary>In the order of the config; <c>From</c> is absolute.</summary>
    private readonly ImmutableArray<SyncStep> _syncs;

    private readonly Dictionary<ImageName, string> _contexts;

    public SyncMap(string root, ImmutableArray<ImageDefinition> holders, ImmutableArray<SyncStep> syncs)
    {
        _holders = [.. holders.Select(h => (h, ProjectPath.Absolute(root, h.Target.Context)))];
        _contexts = _holders.ToDictionary(h => h.Image.Name, h => h.Context);
        _syncs = [.. syncs.Select(s => s with { From = ProjectPath.Absolute(root, s.From) })];
    }

    /// <summary>The absolute path on this machine; null for a context that the image is not built from.</summary>
    public string? Absolute(LivePath path) => _contexts.TryGetValue(path.Image, out string? context) ? Join(context, path.Path) : null;

    /// <summary>The first sync that a path is at or below; null when there is none.</summary>
    public SyncStep? Of(string path) => _syncs.FirstOrDefault(s => ProjectPath.Below(s.From, path) is not null);

    /// <summary>Whether something of what is synced lies below a directory.</summary>
    public bool LeadsToSync(string directory) => _syncs.Any(s => s.From != directory && ProjectPath.Below(directory, s.From) is not null);

    /// <summary>Where a path goes; the root of the container is empty.</summary>
    /// <param name="sync">The one that it is at or below.</param>
    public static string Destination(SyncStep sync, string path, bool isDirectory)
    {
        string to = sync.To.TrimEnd('/');
        if (ProjectPath.Below(sync.From, path) is { } inside && inside != ".")
            return $"{to}/{inside}";
        return !isDirectory && sync.To.EndsWith('/') ? $"{to}/{path[(path.LastIndexOf('/') + 1)..]}" : to;
    }

    /// <summary>Whether a directory of the container is one that a sync fills, or holds such a one: it may have more in it than syncs bring.</summary>
    public bool HoldsTarget(string place) => _syncs.Any(s => s.To.TrimEnd('/') is var to && (to == place || to.StartsWith(place + "/", StringComparison.Ordinal)));

    /// <summary>Whether it is the very directory that a sync fills.</summary>
    public bool IsTarget(string place) => _syncs.Any(s => s.To.TrimEnd('/') == place);

    /// <summary>What syncs bring to a place of the container; null when nothing. What two syncs bring, the first one brings.</summary>
    public Brought? At(string place, LiveContent content)
    {
        foreach (SyncStep sync in _syncs)
        {
            foreach (string source in SourcesOf(sync, place))
            {
                if (Of(source) == sync && Find(source, content) is { } found && Destination(sync, source, found.Node is ContextNode.Directory) == place)
                    return found;
            }
        }
        return null;
    }

    /// <summary>All places that syncs bring something to.</summary>
    public IEnumerable<string> Places(LiveContent content)
    {
        foreach ((ImageDefinition image, string context) in _holders)
        {
            if (!content.Contexts.TryGetValue(image.Name, out ContextSnapshot? snapshot))
                continue;
            foreach (SyncStep sync in _syncs.Where(s => ProjectPath.Below(context, s.From) is not null || ProjectPath.Below(s.From, context) is not null))
            {
                foreach ((string path, ContextNode node) in Walk(snapshot, ProjectPath.Below(context, sync.From) is { } inside && inside != "." ? inside : ""))
                {
                    string absolute = Join(context, path);
                    if (Of(absolute) == sync)
                        yield return Destination(sync, absolute, node is ContextNode.Directory);
                }
            }
        }
    }

    private static IEnumerable<(string Path, ContextNode Node)> Walk(ContextSnapshot snapshot, string start)
    {
        ContextNode? node = start.Length == 0 ? snapshot.Tree : snapshot.Find(start);
        if (node is null)
            yield break;
        if (start.Length > 0)
            yield return (start, node);
        if (node is not ContextNode.Directory directory)
            yield break;
        foreach (ContextEntry entry in new ContextSnapshot(null, directory).Entries)
            yield return (start.Length == 0 ? entry.Path : $"{start}/{entry.Path}", entry.Node);
    }

    /// <summary>What would go to a place if it were there.</summary>
    private static IEnumerable<string> SourcesOf(SyncStep sync, string place)
    {
        string to = sync.To.TrimEnd('/');
        if (place == to || (sync.To.EndsWith('/') && place == $"{to}/{sync.From[(sync.From.LastIndexOf('/') + 1)..]}"))
            yield return sync.From;
        if (place.StartsWith(to + "/", StringComparison.Ordinal))
            yield return Join(sync.From, place[(to.Length + 1)..]);
    }

    /// <summary>What stands at an absolute path: as the image itself has it, else as a base does.</summary>
    private Brought? Find(string path, LiveContent content)
    {
        foreach ((ImageDefinition image, string context) in _holders)
        {
            if (ProjectPath.Below(context, path) is { } inside && content.Contexts.TryGetValue(image.Name, out ContextSnapshot? snapshot)
                && (inside == "." ? snapshot.Tree : snapshot.Find(inside)) is { } node)
            {
                return new Brought(path, node, image, inside == "." ? "" : inside);
            }
        }
        return null;
    }

    private static string Join(string directory, string path) => path.Length == 0 ? directory : $"{directory.TrimEnd('/')}/{path}";
}

/// <summary>Something that a sync brings.</summary>
/// <param name="Source">Absolute on this machine.</param>
/// <param name="Image">The image whose context it is in.</param>
/// <param name="Path">Relative to that context.</param>
internal sealed record Brought(string Source, ContextNode Node, ImageDefinition Image, string Path);
