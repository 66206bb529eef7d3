using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// A file an image of a project, which ends in the SHA-256 of what is before it. It comes into being whole, by a rename; what reads
/// otherwise was never there. The name is a hash: neither paths nor names of images show in a listing.
/// </summary>
/// <param name="directory">Holds the files.</param>
public sealed class BuildHistory(string directory) : IBuildHistory
{
    private const string Format = "devloop-history-2";
    private const int HashBytes = 32;

    /// <summary>The user's history.</summary>
    public static BuildHistory OfUser(Func<string, string?> environment) => new(Path.Combine(UserCache.Directory(environment), "history"));

    public BuildRecord? Last(string project, ImageName image)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(PathOf(project, image));
            if (bytes.Length < HashBytes || !SHA256.HashData(bytes.AsSpan(..^HashBytes)).AsSpan().SequenceEqual(bytes.AsSpan(^HashBytes..)))
                return null;
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            return reader.ReadString() == Format ? Read(reader) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Record(string project, ImageName image, BuildRecord record)
    {
        string path = PathOf(project, image);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(temporary, Bytes(record));
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Forgotten; that costs an explanation and nothing else.
        }
    }

    private string PathOf(string project, ImageName image) =>
        Path.Combine(directory, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{project}\0{image.Value}")))[..32]);

    private static byte[] Bytes(BuildRecord record)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(record.Key.Value);
        writer.Write(record.Digest.Value);
        writer.Write(record.Fields.Length);
        foreach (KeyField field in record.Fields)
        {
            writer.Write(field.Name);
            WriteOptional(writer, field.Hash);
        }
        Write(writer, record.Context.Tree);
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    private static void Write(BinaryWriter writer, ContextNode.Directory directory)
    {
        Span<byte> hash = stackalloc byte[ContentHash.Size];
        writer.Write(directory.Children.Length);
        foreach (ContextNode child in directory.Children)
        {
            writer.Write((byte)child.Kind);
            writer.Write(child.Name);
            writer.Write(child.Mode);
            switch (child)
            {
                case ContextNode.File file:
                    file.Hash.CopyTo(hash);
                    writer.Write(hash);
                    break;
                case ContextNode.Link link:
                    writer.Write(link.Target);
                    break;
                case ContextNode.Directory below:
                    Write(writer, below);
                    break;
            }
        }
    }

    private static BuildRecord Read(BinaryReader reader)
    {
        var key = new ContentKey(reader.ReadString());
        var digest = new ImageDigest(reader.ReadString());
        var fields = ImmutableArray.CreateBuilder<KeyField>();
        for (int count = reader.ReadInt32(); count > 0; count--)
            fields.Add(new KeyField(reader.ReadString(), ReadOptional(reader)));
        return new BuildRecord(key, digest, fields.ToImmutable(), new ContextSnapshot(null, new ContextNode.Directory("", 0, 0, Children(reader))));
    }

    private static ImmutableArray<ContextNode> Children(BinaryReader reader)
    {
        var children = new ContextNode[reader.ReadInt32()];
        for (int i = 0; i < children.Length; i++)
        {
            var kind = (EntryKind)reader.ReadByte();
            string name = reader.ReadString();
            int mode = reader.ReadInt32();
            children[i] = kind switch
            {
                EntryKind.File => new ContextNode.File(name, mode, 0, 0, new ContentHash(reader.ReadBytes(ContentHash.Size))),
                EntryKind.Symlink => new ContextNode.Link(name, 0, reader.ReadString()),
                _ => new ContextNode.Directory(name, mode, 0, Children(reader)),
            };
        }
        return [.. children];
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
