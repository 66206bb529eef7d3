using System.Collections.Immutable;
using System.Text;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// Makes an image of each directory that an image has for a named context: the files that the image's Dockerfile takes from there, on an
/// empty base. What names the context then names this image, which works in <c>FROM</c>, <c>COPY --from</c> and <c>RUN --mount</c> alike and on
/// builders that know nothing of named contexts.
/// </summary>
internal static class ContextImages
{
    private const string Dockerfile = "FROM scratch\nCOPY . /\n";

    /// <summary>The project with an image for each such directory, used or not.</summary>
    public static Project In(Project project)
    {
        var images = ImmutableArray.CreateBuilder<ImageTarget>();
        var names = project.Images.Select(i => i.Name.Value).ToHashSet(StringComparer.Ordinal);
        foreach (ImageTarget image in project.Images)
        {
            ImmutableSortedDictionary<string, NamedContext> contexts = image.Contexts;
            foreach ((string name, NamedContext context) in image.Contexts)
            {
                if (context is not NamedContext.Directory directory)
                    continue;
                ImageTarget files = Of(image, Unused(image, name, names), directory);
                images.Add(files);
                contexts = contexts.SetItem(name, new NamedContext.Target(files.Name, directory.At));
            }
            images.Add(image with { Contexts = contexts });
        }
        return project with { Images = images.ToImmutable() };
    }

    /// <summary>What an image takes from one of its directories; nothing when its Dockerfile does not name it.</summary>
    public static InputPatterns Taken(ImageDefinition image, ImageName context) => InputPatterns.Union(image.Variants.Select(v => InputPatterns.From(v, m => image.BaseAt(m) == context)));

    private static ImageTarget Of(ImageTarget image, ImageReference name, NamedContext.Directory directory) => new()
    {
        Name = new ImageName(name.Familiar),
        Selector = new ImageSelector(name),
        Context = directory.Path,
        DockerfileInline = Dockerfile,
        // A builder takes a base of another platform from a registry, even when the engine has it.
        Platform = image.Platform,
        Platforms = image.Platforms,
        ContextOf = image.Name,
        At = directory.At ?? image.At,
    };

    /// <summary>Such as <c>api.context.shared</c>: the image that takes the files, and what it calls them.</summary>
    private static ImageReference Unused(ImageTarget image, string context, HashSet<string> names)
    {
        string name = $"{image.Selector.Reference.FamiliarName}.context.{Component(context)}";
        while (!names.Add(name))
            name += "-more";
        return ImageReference.TryParse(name, out ImageReference? reference) ? reference : throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>A name as a part of a repository's name. Whatever is not allowed there becomes a hyphen, and a hash then keeps two names apart.</summary>
    private static string Component(string name)
    {
        string[] parts = new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Split('-', StringSplitOptions.RemoveEmptyEntries);
        string plain = string.Join('-', parts);
        return plain == name ? name : string.Join('-', [.. parts, ContentHash.Of(Encoding.UTF8.GetBytes(name)).ToString()[..8]]);
    }
}
