using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Turns what stands at a path before and after into what is to be written there. Paths come in the order of a walk.</summary>
internal sealed class EntryWriting(LiveChain chain, LiveView before, LiveView after, Func<LivePath, string> pathOf)
{
    /// <summary>The path at or below which all is gone already, since something else stands there now.</summary>
    private string? _cleared;

    public ImmutableArray<OverlayEntry>.Builder Entries { get; } = ImmutableArray.CreateBuilder<OverlayEntry>();

    public ImmutableArray<LiveMove>.Builder Moves { get; } = ImmutableArray.CreateBuilder<LiveMove>();

    /// <param name="source">What in a context the path comes from.</param>
    /// <param name="forced">Write it even when both are the same.</param>
    /// <returns>What stands in the way; null when nothing does.</returns>
    public LiveObstacle? Write(string path, LivePath source, bool forced)
    {
        LiveState was = before.At(path), now = after.At(path);
        string inProject = pathOf(source);
        if (now is LiveState.Unknown unknown)
            return chain.Steps[unknown.By].InTheWay(inProject, unknown.Why);
        if (!forced && LiveState.AreSame(was, now))
            return null;
        if (now is not LiveState.Missing && HeldByOther(path) is { } other)
            return new LiveObstacle(inProject, $"`{other}` is no directory that is known", null, null);
        switch (now)
        {
            case LiveState.Missing:
                // What is in a directory that is gone is gone with it.
                if (_cleared is null || !ContainerPath.IsAtOrBelow(path, _cleared))
                    Entries.Add(new OverlayEntry.Gone(path));
                Clear(path);
                return null;
            case LiveState.Directory directory:
                return WriteDirectory(path, directory, was, inProject);
            case LiveState.File file:
                Clear(path);
                return Add(new OverlayEntry.File(path, SourceOf(file.Step, file.Path), file.Node.Size, file.Node.Hash, file.Mode, file.Node.ModifiedNanoseconds) { NeverDirectory = file.NeverDirectory }, file.Owner, file.Step, was, file.Path, inProject);
            case LiveState.Link link:
                Clear(path);
                return Add(new OverlayEntry.Link(path, link.Node.Target), link.Owner, link.Step, was, link.Path, inProject);
            default:
                throw new System.Diagnostics.UnreachableException($"no entry for {now.GetType().Name}");
        }
    }

    private LiveObstacle? WriteDirectory(string path, LiveState.Directory now, LiveState was, string inProject)
    {
        if (now.Mode is not { } mode || now.Owner is null)
        {
            // Something else made it, and has it as it was.
            return was is LiveState.Directory { Mode: null } && now.Mode is null ? null : chain.Steps[now.Step].InTheWay(inProject, $"makes `{path}` in a way that is not known");
        }
        if (was is not LiveState.Directory)
            Clear(path);
        return Add(new OverlayEntry.Directory(path, mode), now.Owner, now.Step, was, null, inProject);
    }

    private LiveObstacle? Add(OverlayEntry entry, LiveOwner owner, int step, LiveState was, string? from, string inProject)
    {
        if (owner.Known is null && !InheritsOwner(entry.Path, owner, was))
            return chain.Steps[step].InTheWay(inProject, $"gives `{entry.Path}` to `{owner.Name}`, whose number is not known");
        Entries.Add(entry with { Owner = owner.Known });
        if (from is not null)
            Moves.Add(new LiveMove(pathOf(new LivePath(((LiveStep.Copy)chain.Steps[step]).Context, from)), entry.Path));
        return null;
    }

    /// <summary>Without a number the updater takes the owner of what stands there, or of the directory above: these must be the same one.</summary>
    private bool InheritsOwner(string path, LiveOwner owner, LiveState was) => was switch
    {
        LiveState.File file => file.Owner == owner,
        LiveState.Link link => link.Owner == owner,
        LiveState.Directory directory => directory.Owner == owner,
        LiveState.Missing => after.At(ContainerPath.ParentOf(path)) is LiveState.Directory above && above.Owner == owner,
        _ => false,
    };

    /// <summary>A directory on the way that is known to be none.</summary>
    private string? HeldByOther(string path) => ContainerPath.Above(path).FirstOrDefault(above => after.At(above) is not LiveState.Directory);

    private string SourceOf(int step, string path) => $"{after.ContextOf(((LiveStep.Copy)chain.Steps[step]).Context).Root}/{path}";

    /// <summary>What was below the path is gone.</summary>
    private void Clear(string path)
    {
        if (_cleared is null || !ContainerPath.IsAtOrBelow(path, _cleared))
            _cleared = path;
    }
}
