using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Session.Live;

/// <summary>
/// Headers for the <c>tar</c> of an image: GNU's format, whose long names BusyBox reads too, unlike records of pax. What is to be gone is no
/// entry of it. An owner that is not given is root, which counts only where root unpacks.
/// </summary>
internal sealed class GnuHeaders : IArchiveHeaders
{
    private static readonly byte[] LongName = TarFormat.Bytes("././@LongLink");

    public static GnuHeaders Instance { get; } = new();

    public byte[] First(ImmutableArray<OverlayEntry> entries) => [];

    public byte[] Before(OverlayEntry entry) => entry switch
    {
        OverlayEntry.File file => Entry(file, '0', file.Mode, file.Size, file.ModifiedNanoseconds, ""),
        OverlayEntry.Directory directory => Entry(directory, '5', directory.Mode, 0, 0, ""),
        OverlayEntry.Link link => Entry(link, '2', 0x1FF, 0, 0, link.Target),
        OverlayEntry.Gone => [],
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static byte[] Entry(OverlayEntry entry, char type, int mode, long size, long nanoseconds, string target)
    {
        // Names are relative to the root that tar is told.
        byte[] name = TarFormat.Bytes(entry.Path.TrimStart('/') is { Length: > 0 } below ? below : "."), link = TarFormat.Bytes(target);
        return
        [
            .. Long('L', name),
            .. Long('K', link),
            .. TarFormat.Header(name, type, mode, entry.Owner ?? FileOwner.Root, size, nanoseconds / 1_000_000_000, link, "ustar  \0"u8),
        ];
    }

    /// <summary>Such an entry holds the name of the next one, with a zero at its end.</summary>
    private static byte[] Long(char type, byte[] name) => name.Length <= TarFormat.NameBytes
        ? []
        : [.. TarFormat.Header(LongName, type, 0x1A4, FileOwner.Root, name.Length + 1, 0, [], "ustar  \0"u8), .. TarFormat.Padded([.. name, 0])];
}
