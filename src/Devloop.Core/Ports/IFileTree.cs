using System.Collections.Immutable;

namespace Devloop.Ports;

public enum PathKind
{
    Missing,
    File,
    Directory,

    /// <summary>A socket, a pipe, a device, or a link that leads nowhere.</summary>
    Other,
}

/// <summary>The files of a project, to read a config, Dockerfiles and manifests. Paths are absolute, or relative to <see cref="Root"/> with <c>/</c>.</summary>
public interface IFileTree
{
    /// <summary>The absolute directory of the project.</summary>
    string Root { get; }

    PathKind KindOf(string path);

    FileContent Read(string path);

    /// <summary>All files below a directory, relative to the root with <c>/</c>, in ordinal order. Links to directories are not followed.</summary>
    ImmutableArray<string> FilesBelow(string directory);
}

/// <summary>What reading a file gave.</summary>
public abstract record FileContent
{
    private FileContent() { }

    /// <summary>The text, decoded from UTF-8 (a byte order mark is taken off and told).</summary>
    public sealed record Text(string Content, bool HasByteOrderMark = false) : FileContent;

    /// <summary>The bytes are not UTF-8 text.</summary>
    public sealed record Binary : FileContent;

    public sealed record Missing : FileContent;

    /// <param name="Reason">A few words such as <c>permission denied</c>.</param>
    public sealed record Unreadable(string Reason) : FileContent;
}
