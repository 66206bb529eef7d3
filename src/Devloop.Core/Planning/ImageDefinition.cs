using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>An image with its Dockerfile and ignore rules read: what it is built on, what it reads, what it is.</summary>
public sealed class ImageDefinition
{
    private readonly string _root;
    private readonly ImmutableDictionary<SourceSpan, ImageName> _baseAt;

    internal ImageDefinition(string root, ImageTarget target, ResolvedDockerfile dockerfile, ContextFilter filter,
        ImmutableSortedDictionary<string, string> args, ImmutableArray<string> ignoreFiles, string ignoreText, ImmutableDictionary<SourceSpan, ImageName> baseAt)
    {
        (_root, Target, Dockerfile, Filter, Args, IgnoreFiles, _baseAt) = (root, target, dockerfile, filter, args, ignoreFiles, baseAt);
        ReducedDockerfile = DockerfileDigest.ReducedText(dockerfile);
        Bases = [.. baseAt.Values.Distinct().Order()];
        ExternalBases = [.. dockerfile.Bases.Where(m => !baseAt.ContainsKey(m.Span)).Select(m => m.Text).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        using FieldHash identity = new();
        Identity = identity
            .Add("key", ContentKeys.Of(this, ContextSnapshot.Empty, ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty).Value)
            .Add("text", dockerfile.Dockerfile.Source.Content)
            .Add("context", target.Context)
            .Add("ignore file", ignoreText)
            .Add("ignore", string.Join('\n', target.Ignore))
            .Add("only", string.Join('\n', target.Only))
            .Add("entrypoint", target.Entrypoint is null ? null : string.Join('\n', target.Entrypoint.Words))
            .ToHex();
    }

    public ImageTarget Target { get; }

    public ImageName Name => Target.Name;

    public ResolvedDockerfile Dockerfile { get; }

    /// <summary>Decides which files of the context are inputs.</summary>
    public ContextFilter Filter { get; }

    /// <summary>Build args with their values, those of the environment filled in.</summary>
    public ImmutableSortedDictionary<string, string> Args { get; }

    /// <summary>Where ignore rules are looked for, present or not; relative to the project.</summary>
    public ImmutableArray<string> IgnoreFiles { get; }

    /// <summary>The images of the project that a build of the target reads.</summary>
    public ImmutableArray<ImageName> Bases { get; }

    /// <summary>The images from elsewhere that a build of the target reads, as resolved; sorted.</summary>
    public ImmutableArray<string> ExternalBases { get; }

    /// <summary>What the target reaches of the Dockerfile, for the key.</summary>
    public string ReducedDockerfile { get; }

    /// <summary>The build args that the build reads.</summary>
    public IEnumerable<KeyValuePair<string, string>> UsedArgs => Dockerfile.UsedArgs.Where(Args.ContainsKey).Select(a => KeyValuePair.Create(a, Args[a]));

    /// <summary>Another whenever anything about the image but its context's content changed.</summary>
    public string Identity { get; }

    /// <summary>The Dockerfile's path for messages.</summary>
    public string DockerfileName => Dockerfile.Dockerfile.Source.File;

    /// <summary>The image of the project that a mention means, or null for one from elsewhere.</summary>
    public ImageName? BaseAt(ImageMention mention) => _baseAt.TryGetValue(mention.Span, out ImageName image) ? image : null;

    /// <summary>Where the Dockerfile names a base.</summary>
    public SourceSpan? PlaceOf(ImageName image) => _baseAt.Where(b => b.Value == image).Select(b => b.Key).MinBy(s => s.Start);

    /// <summary>Whether a change of a file can change this image, and through which line; null when not.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    public BuildReason.FileChanged? Reads(string path)
    {
        string absolute = ProjectPath.Absolute(_root, path);
        if (ProjectPath.Below(ProjectPath.Absolute(_root, Target.Context), absolute) is not { } inContext || inContext == ".")
            return null;
        return Filter.Explain(inContext) is InputReason.Read read
            ? new BuildReason.FileChanged(path, read.By[0].Instruction?.FirstLine, read.By[0].Instruction?.ToString())
            : null;
    }
}
