using Devloop.Text;

namespace Devloop.Model;

/// <summary>What a Dockerfile gets when it names a context of the config: BuildKit's named contexts.</summary>
/// <param name="At">Where the config says so.</param>
public abstract record NamedContext(SourceSpan? At)
{
    /// <summary>Any image; one of the project when its selector matches. Written <c>docker-image://REFERENCE</c>.</summary>
    public sealed record Image(ImageReference Reference, SourceSpan? At) : NamedContext(At);

    /// <summary>The files of a directory. Written as its path.</summary>
    /// <param name="Path">Relative to the project, or absolute.</param>
    public sealed record Directory(string Path, SourceSpan? At) : NamedContext(At);

    /// <summary>An image of the project. Written <c>target:NAME</c>.</summary>
    public sealed record Target(ImageName Name, SourceSpan? At) : NamedContext(At);
}
