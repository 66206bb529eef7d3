using System.Collections.Immutable;
using System.Globalization;
using Devloop.Model;

namespace Devloop.Session.Live;

/// <summary>
/// Headers for devloop's own helper: the pax format (POSIX 1003.1), whose records hold paths of any length and times to the nanosecond. A
/// record <c>DEVLOOP.kind</c> is of our own: <c>G</c> for what is to be gone, <c>N</c> for where no directory may stand, which is looked at
/// before anything is changed. An owner that is not given has no record.
/// </summary>
internal sealed class HelperHeaders : IArchiveHeaders
{
    private const string KindRecord = "DEVLOOP.kind";

    private static readonly byte[] Name = TarFormat.Bytes("devloop");

    public static HelperHeaders Instance { get; } = new();

    public byte[] First(ImmutableArray<OverlayEntry> entries) =>
        [.. entries.OfType<OverlayEntry.File>().Where(f => f.NeverDirectory).SelectMany(f => Entry('0', 0, 0, [("path", f.Path), (KindRecord, "N")]))];

    public byte[] Before(OverlayEntry entry)
    {
        (string, string)[] owner = entry.Owner is { } given ? [("uid", Text(given.User)), ("gid", Text(given.Group))] : [];
        return entry switch
        {
            OverlayEntry.File file => Entry('0', file.Mode, file.Size, [("path", file.Path), ("size", Text(file.Size)), ("mtime", Time(file.ModifiedNanoseconds)), .. owner]),
            OverlayEntry.Directory directory => Entry('5', directory.Mode, 0, [("path", directory.Path), .. owner]),
            OverlayEntry.Link link => Entry('2', 0, 0, [("path", link.Path), ("linkpath", link.Target), .. owner]),
            OverlayEntry.Gone gone => Entry('0', 0, 0, [("path", gone.Path), (KindRecord, "G")]),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static byte[] Entry(char type, int mode, long size, ReadOnlySpan<(string Key, string Value)> records)
    {
        var content = new List<byte>(256);
        foreach ((string key, string value) in records)
            content.AddRange(Record(TarFormat.Bytes($" {key}={value}\n")));
        return
        [
            .. TarFormat.Header(Name, 'x', 0x1A4, FileOwner.Root, content.Count, 0, [], "ustar\000"u8),
            .. TarFormat.Padded([.. content]),
            .. TarFormat.Header(Name, type, mode, FileOwner.Root, size, 0, [], "ustar\000"u8),
        ];
    }

    /// <summary>A record begins with its own length, the digits of which count too.</summary>
    private static byte[] Record(byte[] rest)
    {
        int length = rest.Length + 1;
        while (Text(length).Length + rest.Length != length)
            length = Text(length).Length + rest.Length;
        return [.. TarFormat.Bytes(Text(length)), .. rest];
    }

    private static string Time(long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(Math.Abs(nanoseconds), 1_000_000_000);
        return (nanoseconds < 0 ? "-" : "") + Text(seconds) + (rest == 0 ? "" : "." + rest.ToString("D9", CultureInfo.InvariantCulture));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
