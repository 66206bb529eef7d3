using System.Collections.Immutable;
using System.Text;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>The files of a project on disk.</summary>
/// <param name="root">The project's directory; made absolute.</param>
public sealed class FileTree(string root) : IFileTree
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Root { get; } = Path.GetFullPath(root);

    public PathKind KindOf(string path)
    {
        try
        {
            return FileStatus.Of(Full(path), follow: true) switch
            {
                { Kind: StatusKind.File } => PathKind.File,
                { Kind: StatusKind.Directory } => PathKind.Directory,
                { } => PathKind.Other,
                null => FileStatus.Of(Full(path)) is null ? PathKind.Missing : PathKind.Other,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return PathKind.Other; // there, but out of sight
        }
    }

    public FileContent Read(string path)
    {
        try
        {
            // Before anything is opened: opening a pipe would wait for a writer.
            switch (FileStatus.Of(Full(path), follow: true))
            {
                case null:
                    return FileStatus.Of(Full(path)) is null ? new FileContent.Missing() : new FileContent.Unreadable("the link leads nowhere");
                case { Kind: StatusKind.Directory }:
                    return new FileContent.Unreadable("a directory");
                case { Kind: not StatusKind.File }:
                    return new FileContent.Unreadable("not a regular file");
            }
            byte[] bytes = File.ReadAllBytes(Full(path));
            bool mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble);
            ReadOnlySpan<byte> text = mark ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes;
            return text.Contains((byte)0) ? new FileContent.Binary() : new FileContent.Text(Strict.GetString(text), mark);
        }
        catch (DecoderFallbackException)
        {
            return new FileContent.Binary();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileContent.Missing();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileContent.Unreadable(Reasons.Of(e));
        }
    }

    public ImmutableArray<string> FilesBelow(string directory)
    {
        var found = new List<string>();
        Collect(Full(directory), found);
        found.Sort(string.CompareOrdinal);
        return [.. found];
    }

    private void Collect(string directory, List<string> found)
    {
        List<string> names;
        try
        {
            names = DirectoryNames.Of(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // not there, or closed to us: no files to name
        }
        foreach (string name in names)
        {
            string full = Path.Combine(directory, name);
            try
            {
                if (FileStatus.Of(full) is not { } status)
                    continue;
                if (status.Kind == StatusKind.Directory)
                    Collect(full, found);
                else if (status.Kind == StatusKind.File || (status.Kind == StatusKind.Symlink && FileStatus.Of(full, follow: true) is { Kind: StatusKind.File }))
                    found.Add(Path.GetRelativePath(Root, full).Replace(Path.DirectorySeparatorChar, '/'));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // One entry out of sight hides no other.
            }
        }
    }

    private string Full(string path) => Path.GetFullPath(Path.Combine(Root, path));
}
