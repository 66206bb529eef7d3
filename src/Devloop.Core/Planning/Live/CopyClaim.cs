using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>What one source of a COPY or ADD brings to a path, by BuildKit's rules.</summary>
internal sealed class CopyClaim(LiveView view, LiveStep.Copy copy, int step, LiveSource source)
{
    private readonly ContextSnapshot _context = view.ContextOf(copy.Context);

    /// <returns>Null when it brings nothing there; a directory without a mode when it needs one to be there.</returns>
    public LiveState? At(string path)
    {
        // Most paths are elsewhere: neither on the way to the destination nor at or below it.
        if (!ContainerPath.IsAtOrBelow(path, source.Destination) && !ContainerPath.IsAtOrBelow(source.Destination, path))
            return null;
        if (!source.HasWildcards)
            return source.Find(_context) is { } node ? Of(source.Pattern.Text, node, path) : null;
        LiveState? found = null;
        foreach ((string holder, ContextNode.Directory directory) in source.Holders(_context))
        {
            foreach (ContextNode child in Candidates(directory, path))
            {
                string from = LiveSource.Join(holder, child.Name);
                if (!source.NamesLast(child.Name) || source.Relate(from, child is ContextNode.Directory) != PathRelation.Named)
                    continue;
                LiveState? claim = Of(from, child, path);
                if (claim == Needed && IsOnTheWay(path))
                    return claim;
                found = Then(found, claim, step);
            }
        }
        return found;
    }

    /// <summary>What stands at a path after one thing and then another were copied there: the last one, unless BuildKit refuses it.</summary>
    public static LiveState? Then(LiveState? first, LiveState? second, int step) => (first, second) switch
    {
        (_, null) => first,
        (null, _) => second,
        (LiveState.Unknown, _) => first,
        (_, LiveState.Unknown) => second,
        (LiveState.Directory, LiveState.Directory { Mode: null }) => first,
        (LiveState.Directory, not LiveState.Directory) or (not LiveState.Directory, LiveState.Directory) => new LiveState.Unknown(step, "brings a file where a directory has to be"),
        _ => second,
    };

    private bool IsOnTheWay(string path) => ContainerPath.IsAtOrBelow(source.Destination, path);

    /// <summary>On the way to the destination anything that is named counts; below it a file by its own name, and every directory.</summary>
    private IEnumerable<ContextNode> Candidates(ContextNode.Directory directory, string path)
    {
        if (IsOnTheWay(path) || (!source.IntoDirectory && view.At(source.Destination, step) is not LiveState.Directory))
            return directory.Children;
        ContextNode? named = directory.Child(ContainerPath.NameOf(path));
        if (!directory.HoldsDirectories)
            return named is null ? [] : [named];
        return directory.Children.Where(c => c is ContextNode.Directory || ReferenceEquals(c, named));
    }

    /// <param name="from">The file or directory that is copied, in the context.</param>
    private LiveState? Of(string from, ContextNode node, string path)
    {
        if (node is ContextNode.Link)
            return new LiveState.Unknown(step, "goes through a symbolic link");
        return node is ContextNode.File file ? OfFile(from, file, path) : OfDirectory(from, (ContextNode.Directory)node, path);
    }

    private LiveState? OfFile(string from, ContextNode.File file, string path)
    {
        if (source.Relate(from, isDirectory: false) != PathRelation.Named)
            return null;
        if (path.Length < source.Destination.Length)
            return Needed;
        if (copy.Unpacks && ContainerPath.IsAtOrBelow(path, source.Destination))
            return new LiveState.Unknown(step, "may unpack it");
        if (view.PlaceOf(source, step, file.Name) is not { } place)
            return new LiveState.Unknown(step, "may make a file or go into a directory");
        return path == place.Path ? Bring(file, from, !place.IsSure) : ContainerPath.IsAtOrBelow(place.Path, path) ? Needed : null;
    }

    private LiveState? OfDirectory(string from, ContextNode.Directory directory, string path)
    {
        if (IsOnTheWay(path))
            return Needed;
        string rest = path[(source.Destination.Length + 1)..];
        ContextNode? node = directory;
        foreach (string part in rest.Split('/'))
            node = (node as ContextNode.Directory)?.Child(part);
        string at = LiveSource.Join(from, rest);
        return node is null || source.Relate(at, node is ContextNode.Directory) != PathRelation.Named ? null : Bring(node, at, neverDirectory: false);
    }

    private static LiveState.Directory Needed { get; } = new(null, null, 0);

    private LiveState Bring(ContextNode node, string from, bool neverDirectory)
    {
        if (copy.Doubt is not null)
            return new LiveState.Unknown(step, copy.Doubt);
        if (node is ContextNode.Link link)
            return new LiveState.Link(link, from, copy.Owner, step);
        if (copy.Mode is not null && node.Mode > 511)
            return new LiveState.Unknown(step, "sets permissions that cannot be repeated");
        int mode = copy.Mode ?? node.Mode;
        return node is ContextNode.File file ? new LiveState.File(file, from, mode, copy.Owner, step, neverDirectory) : new LiveState.Directory(mode, copy.Owner, step);
    }
}
