using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Devloop.Model;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>One entry as the file transfer tells it to the server.</summary>
/// <param name="Mode">The bits of Go's os.FileMode, not those of stat(2).</param>
/// <param name="SentNanoseconds">The time of change as it is sent; see <see cref="SourceTree"/>.</param>
/// <param name="Hash">Of what must be sent; null for entries without content.</param>
/// <param name="Content">What is sent, when it is held in memory.</param>
internal sealed record SourceEntry(string Path, uint Mode, long Size, long SentNanoseconds, string? LinkTarget, ContentHash? Hash, ReadOnlyMemory<byte>? Content)
{
    public const uint Directory = 1u << 31;
    public const uint Symlink = 1u << 27;
    private const uint SetUser = 1u << 23;
    private const uint SetGroup = 1u << 22;
    private const uint Sticky = 1u << 20;

    public bool IsDirectory => (Mode & Directory) != 0;

    /// <summary>Only such entries may be asked for content; both sides must agree on it.</summary>
    public bool IsFile => (Mode & (Directory | Symlink)) == 0;

    /// <summary>From the bits of chmod(2) to those of Go.</summary>
    public static uint GoMode(EntryKind kind, int mode)
    {
        uint bits = (uint)mode & 0x1FF;
        if ((mode & 0x800) != 0)
            bits |= SetUser;
        if ((mode & 0x400) != 0)
            bits |= SetGroup;
        if ((mode & 0x200) != 0)
            bits |= Sticky;
        return kind switch
        {
            EntryKind.Directory => bits | Directory,
            EntryKind.Symlink => Symlink | 0x1FF,
            _ => bits,
        };
    }
}

/// <summary>
/// What a local source of a build (<c>context</c> or <c>dockerfile</c>) stands for: a fixed list of entries, in the order that
/// the server wants them.
/// <para>
/// The server asks for a file only when its size, mode or time of change differ from the copy that it kept. An edit that keeps
/// size and time would be missed, so the part of the time below a second is taken from the content's hash. No layer shows it:
/// layers have whole seconds.
/// </para>
/// </summary>
internal sealed class SourceTree
{
    private const long Second = 1_000_000_000;
    private const ulong ThirtyYears = 946_080_000;

    private SourceTree(string? root, ImmutableArray<SourceEntry> entries) => (Root, Entries) = (root, entries);

    /// <summary>The directory that files are read from; null when all are in memory.</summary>
    public string? Root { get; }

    public ImmutableArray<SourceEntry> Entries { get; }

    public static SourceTree Of(ContextSnapshot snapshot) => new(snapshot.Root, [.. snapshot.Entries.Select(e => new SourceEntry(
        e.Path,
        SourceEntry.GoMode(e.Kind, e.Mode),
        e.Kind == EntryKind.Directory ? 0 : e.Size,
        e.Hash is { } hash ? WithHash(e.ModifiedNanoseconds, hash) : e.ModifiedNanoseconds,
        e.LinkTarget,
        e.Hash,
        null))]);

    /// <summary>A few files at the root.</summary>
    public static SourceTree InMemory(params ReadOnlySpan<(string Name, string Text)> files)
    {
        var entries = new List<SourceEntry>();
        foreach ((string name, string text) in files)
        {
            byte[] content = Encoding.UTF8.GetBytes(text);
            ContentHash hash = ContentHash.Of(content);
            entries.Add(new SourceEntry(name, 0x1A4 /* 0644 */, content.Length, TimeOf(hash), null, hash, content));
        }
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return new SourceTree(null, [.. entries]);
    }

    /// <summary>A time for what has none: BuildKit 0.8 compares even the Dockerfile by size, mode and time.</summary>
    private static long TimeOf(ContentHash hash) => WithHash((long)(Number(hash, 8) % ThirtyYears) * Second, hash);

    private static long WithHash(long nanoseconds, ContentHash hash)
    {
        long seconds = Math.DivRem(nanoseconds, Second, out long below);
        if (below < 0)
            seconds--; // before 1970
        return (seconds * Second) + (long)(Number(hash, 0) % (ulong)Second);
    }

    /// <summary>Eight bytes of a hash.</summary>
    private static ulong Number(ContentHash hash, int from)
    {
        Span<byte> bytes = stackalloc byte[ContentHash.Size];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes[from..]);
    }
}
