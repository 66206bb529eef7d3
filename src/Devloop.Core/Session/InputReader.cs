using Devloop.Config;
using Devloop.Dockerfiles;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Reads the inputs of an image: all of them, or only what changed since they were read before.</summary>
/// <param name="root">The project's directory.</param>
public sealed class InputReader(IContextReader contexts, string root)
{
    /// <summary>Version control writes there at every command, so watchers leave it out; where it is an input, every look reads it.</summary>
    private const string Unwatched = ".git";

    /// <summary>The inputs, with what containers get besides them; or, when something cannot be read, null and which.</summary>
    /// <param name="known">What is known of the inputs; null when anything may have changed.</param>
    public async Task<(InputReading? Inputs, ContextReading.Unreadable? Unreadable)> ReadAsync(ImageDefinition image, KnownInputs? known, CancellationToken cancellationToken)
    {
        string directory = ProjectPath.Absolute(root, image.Target.Context);
        (InputReading? inputs, ContextReading.Unreadable? unreadable) = await ReadAsync(directory, image.Filter, known, cancellationToken).ConfigureAwait(false);
        if (inputs is null || image.SyncFilter is not { } wider)
            return (inputs is null ? null : inputs with { Synced = null }, unreadable);
        KnownInputs? knownSynced = known?.Reading.Synced is { } before ? known with { Reading = before } : null;
        (InputReading? synced, unreadable) = await ReadAsync(directory, wider, knownSynced, cancellationToken).ConfigureAwait(false);
        return (synced is null ? null : inputs with { Synced = synced }, unreadable);
    }

    private async Task<(InputReading? Inputs, ContextReading.Unreadable? Unreadable)> ReadAsync(string directory, ContextFilter own, KnownInputs? known, CancellationToken cancellationToken)
    {
        if (known is not null && known.Reading.Own.ReadsLike(own) && await UpdateAsync(directory, known, cancellationToken).ConfigureAwait(false) is { } updated)
            return (updated, null);
        ContextFilter filter = own;
        while (true)
        {
            ContextReading reading = await contexts.ReadAsync(directory, filter, cancellationToken).ConfigureAwait(false);
            if (reading is not ContextReading.Read read)
                return (null, (ContextReading.Unreadable)reading);
            // A link among the inputs may lead to what was not read, which only the tree can tell.
            if (filter.FollowLinks(read.Snapshot.Links) is not { } wider)
                return (new InputReading(read.Snapshot, own, filter), null);
            filter = wider;
        }
    }

    /// <summary>Null when only a reading of everything can tell: something cannot be read, or other links may lead elsewhere.</summary>
    private async Task<InputReading?> UpdateAsync(string directory, KnownInputs known, CancellationToken cancellationToken)
    {
        (InputReading before, var changes) = known;
        IEnumerable<string> changed = changes.Select(path => InContext(directory, path)).OfType<string>().Concat(before.Snapshot.PathsOf(Unwatched));
        ContextReading reading = await contexts.UpdateAsync(before.Snapshot, before.Filter, [.. changed], cancellationToken).ConfigureAwait(false);
        if (reading is not ContextReading.Read { Snapshot: var now })
            return null;
        bool sameFilter = now.Tree.HasLinksOf(before.Snapshot.Tree)
            || (ReferenceEquals(before.Filter, before.Own) && before.Own.FollowLinks(now.Links) is null);
        return sameFilter ? before with { Snapshot = now } : null;
    }

    /// <summary>Relative to the context; null outside it. What holds the context stands for all of it.</summary>
    private string? InContext(string directory, string path)
    {
        string absolute = ProjectPath.Absolute(root, path);
        return ProjectPath.Below(absolute, directory) is not null ? "" : ProjectPath.Below(directory, absolute);
    }
}
