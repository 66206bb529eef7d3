using System.Collections.Immutable;
using System.Text;
using Devloop.Model;

namespace Devloop.Session.Live;

/// <summary>What stands before the content of entries in an archive.</summary>
internal interface IArchiveHeaders
{
    /// <summary>Before all entries.</summary>
    byte[] First(ImmutableArray<OverlayEntry> entries);

    /// <summary>Before the content of an entry; empty when the archive says nothing of it.</summary>
    byte[] Before(OverlayEntry entry);
}

/// <summary>The tar format of POSIX 1003.1 and of GNU tar, as far as they are the same.</summary>
internal static class TarFormat
{
    public const int Block = 512;

    /// <summary>Two blocks of zeros end an archive; programs that read by records of 10 KiB wait for the rest of one.</summary>
    public const int EndBytes = 10 * 1024;

    /// <summary>The longest name in a header.</summary>
    public const int NameBytes = 100;

    private static readonly Encoding Utf8 = new UTF8Encoding(false);

    /// <summary>A path or another text as bytes.</summary>
    public static byte[] Bytes(string text) => Utf8.GetBytes(text);

    /// <param name="name">At most 100 bytes of it are taken.</param>
    /// <param name="magic"><c>ustar</c> and a version, or what GNU has in their place: 8 bytes.</param>
    public static byte[] Header(byte[] name, char type, int mode, FileOwner owner, long size, long seconds, byte[] target, ReadOnlySpan<byte> magic)
    {
        byte[] header = new byte[Block];
        name.AsSpan(0, Math.Min(name.Length, NameBytes)).CopyTo(header);
        Number(header.AsSpan(100, 8), mode);
        Number(header.AsSpan(108, 8), owner.User);
        Number(header.AsSpan(116, 8), owner.Group);
        Number(header.AsSpan(124, 12), size);
        Number(header.AsSpan(136, 12), Math.Max(0, seconds));
        header[156] = (byte)type;
        target.AsSpan(0, Math.Min(target.Length, NameBytes)).CopyTo(header.AsSpan(157));
        magic.CopyTo(header.AsSpan(257));
        // The sum is taken with spaces in its own place.
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte b in header)
            sum += b;
        Number(header.AsSpan(148, 7), sum);
        return header;
    }

    /// <summary>Bytes with zeros up to a whole block.</summary>
    public static byte[] Padded(byte[] content) => content.Length % Block == 0 ? content : [.. content, .. new byte[Block - content.Length % Block]];

    /// <summary>Octal digits and a zero; in base 256, which GNU has and most read, when there are too many.</summary>
    private static void Number(Span<byte> field, long number)
    {
        string digits = Convert.ToString(number, 8);
        if (digits.Length < field.Length)
        {
            Encoding.ASCII.GetBytes(digits.PadLeft(field.Length - 1, '0'), field);
            return;
        }
        for (int i = field.Length - 1; i >= 0; i--, number >>= 8)
            field[i] = (byte)number;
        field[0] |= 0x80;
    }
}
