using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Devloop.Model;

namespace Devloop.Adapters.Files;

/// <summary>Stands for a file of a context under one status: no path can be read from it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HashKey(ulong High, ulong Low)
{
    private const int StatusSize = 40;

    /// <param name="path">Relative to the context.</param>
    public static HashKey Of(string path, FileStatus status)
    {
        int most = StatusSize + Encoding.UTF8.GetMaxByteCount(path.Length);
        byte[]? rented = most <= 1024 ? null : ArrayPool<byte>.Shared.Rent(most);
        Span<byte> bytes = rented ?? stackalloc byte[1024];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, status.Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], status.Modified);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], status.Changed);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], status.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[32..], status.Device);
        int length = StatusSize + Encoding.UTF8.GetBytes(path, bytes[StatusSize..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return new HashKey(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }
}

/// <summary>One remembered hash, as it lies in memory and on disk.</summary>
/// <param name="Day">When it was last of use, in days since 1970.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HashRecord(HashKey Key, ContentHash Hash, long Day);
