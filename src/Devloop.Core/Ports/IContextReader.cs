using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>What a filter says of one entry of a context.</summary>
public enum InputVerdict
{
    /// <summary>Not an input, and nothing below it is.</summary>
    Prune,

    /// <summary>A directory that is not an input itself, but something below it may be.</summary>
    Descend,

    /// <summary>An input.</summary>
    Include,
}

/// <summary>Decides what of a context an image reads. Pure, and safe for several threads: asked for each entry, a directory before what is in it.</summary>
public interface IInputFilter
{
    InputVerdict Judge(string path, EntryKind kind);
}

/// <summary>Walks and hashes build contexts; remembers the hashes of files that did not change.</summary>
public interface IContextReader
{
    /// <summary>
    /// Reads the inputs. A directory that holds an input comes before it, also when the filter only descended into it.
    /// Links are listed, never followed.
    /// </summary>
    Task<ContextReading> ReadAsync(string contextDirectory, IInputFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Brings an earlier snapshot up to date: gives what <see cref="ReadAsync"/> gives now, if nothing else changed, and looks at no more
    /// than it has to. A changed directory is read anew with all below it.
    /// </summary>
    /// <param name="filter">The one that the snapshot was read with.</param>
    /// <param name="changed">What came, went or changed since, in the snapshot or not; relative to the context, with <c>/</c>; empty is the context itself.</param>
    Task<ContextReading> UpdateAsync(ContextSnapshot previous, IInputFilter filter, IReadOnlyCollection<string> changed, CancellationToken cancellationToken);
}

public abstract record ContextReading
{
    private ContextReading() { }

    public sealed record Read(ContextSnapshot Snapshot) : ContextReading;

    /// <summary>Something could not be read.</summary>
    /// <param name="Path">Relative to the context; empty is the context itself.</param>
    /// <param name="Reason">A few words such as <c>permission denied</c>.</param>
    public sealed record Unreadable(string Path, string Reason) : ContextReading;
}
