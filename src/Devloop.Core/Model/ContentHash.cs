using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Devloop.Model;

/// <summary>A SHA-256: of a file's content, or of all that a directory of a context holds. Shown as 64 lower-case hex digits.</summary>
public readonly record struct ContentHash
{
    /// <summary>How many bytes a hash has.</summary>
    public const int Size = 32;

    private readonly ulong _first, _second, _third, _fourth;

    /// <param name="bytes">The first 32 are taken.</param>
    public ContentHash(ReadOnlySpan<byte> bytes)
    {
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    public static ContentHash Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new ContentHash(hash);
    }

    /// <param name="to">At least 32 bytes.</param>
    public void CopyTo(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, _first);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(to[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(to[24..], _fourth);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
