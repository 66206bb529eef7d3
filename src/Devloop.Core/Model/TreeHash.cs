using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Devloop.Model;

/// <summary>
/// The hash of a directory: SHA-256 over its entries, each as kind, mode, name and what it is: the content's hash, the target of a link, or
/// the hash of a directory. Names and targets are preceded by their length, so that no two lists of entries run into one another.
/// </summary>
internal static class TreeHash
{
    private const byte FileKind = 1, DirectoryKind = 2, LinkKind = 3;

    public static ContentHash Of(ImmutableArray<ContextNode> children)
    {
        var bytes = new ArrayBufferWriter<byte>(children.Length * 80 + 64);
        foreach (ContextNode child in children)
        {
            switch (child)
            {
                case ContextNode.File file:
                    Head(bytes, FileKind, file.Mode, file.Name);
                    Append(bytes, file.Hash);
                    break;
                case ContextNode.Directory directory:
                    Head(bytes, DirectoryKind, directory.Mode, directory.Name);
                    Append(bytes, directory.Hash);
                    break;
                case ContextNode.Link link:
                    // A link's own mode means nothing.
                    Head(bytes, LinkKind, 0, link.Name);
                    Append(bytes, link.Target);
                    break;
            }
        }
        return ContentHash.Of(bytes.WrittenSpan);
    }

    private static void Head(ArrayBufferWriter<byte> bytes, byte kind, int mode, string name)
    {
        Span<byte> head = bytes.GetSpan(5);
        head[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], mode);
        bytes.Advance(5);
        Append(bytes, name);
    }

    private static void Append(ArrayBufferWriter<byte> bytes, string text)
    {
        Span<byte> to = bytes.GetSpan(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, to[4..]);
        BinaryPrimitives.WriteInt32BigEndian(to, length);
        bytes.Advance(4 + length);
    }

    private static void Append(ArrayBufferWriter<byte> bytes, ContentHash hash)
    {
        hash.CopyTo(bytes.GetSpan(ContentHash.Size));
        bytes.Advance(ContentHash.Size);
    }
}
