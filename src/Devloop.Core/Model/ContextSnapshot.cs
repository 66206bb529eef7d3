using System.Collections.Immutable;

namespace Devloop.Model;

public enum EntryKind
{
    File,
    Directory,
    Symlink,
}

/// <summary>
/// One entry of a build context as it was read: what is hashed is what is sent.
/// </summary>
/// <param name="Path">Relative to the context, with <c>/</c>.</param>
/// <param name="Mode">Permission bits with setuid, setgid and sticky, as in <c>chmod(2)</c>: 0 to 07777. 0755 where the system has none.</param>
/// <param name="Size">Bytes of a file, or of a link's target in UTF-8.</param>
/// <param name="ModifiedNanoseconds">Since 1970, for the transfer only; never part of a hash.</param>
/// <param name="LinkTarget">The text of a symbolic link.</param>
/// <param name="Hash">SHA-256 of a file's content in lower-case hex; null for other kinds.</param>
public sealed record ContextEntry(string Path, EntryKind Kind, int Mode, long Size, long ModifiedNanoseconds, string? LinkTarget, string? Hash);

/// <summary>
/// The inputs of an image at one moment, in the order BuildKit wants them: depth first, siblings by the bytes of their UTF-8 names.
/// </summary>
/// <param name="Root">The absolute path of the context directory; null for the empty context.</param>
public sealed record ContextSnapshot(string? Root, ImmutableArray<ContextEntry> Entries)
{
    public static ContextSnapshot Empty { get; } = new(null, []);

    public IEnumerable<ContextEntry> Files => Entries.Where(e => e.Kind == EntryKind.File);
}
