using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>What the images that a Dockerfile names are in this project.</summary>
/// <param name="Images">Mentions that mean images of the project, by their place.</param>
/// <param name="Replaced">Mentions that a named context makes another image from elsewhere, by their place.</param>
internal sealed record BaseResolution(ImmutableDictionary<SourceSpan, ImageName> Images, ImmutableDictionary<SourceSpan, string> Replaced)
{
    /// <summary>A named context goes before what a name means by itself; an exact tag goes before a selector that takes any tag.</summary>
    public static BaseResolution Of(Project project, ImageTarget self, ImmutableArray<ResolvedDockerfile> variants, ICollection<Diagnostic> problems)
    {
        var images = ImmutableDictionary.CreateBuilder<SourceSpan, ImageName>();
        var replaced = ImmutableDictionary.CreateBuilder<SourceSpan, string>();
        foreach (ImageMention mention in variants.SelectMany(v => v.Bases.Concat(v.InTriggers)).Distinct())
        {
            NamedContext? context = ContextOf(self, mention);
            if (context is NamedContext.Target target)
            {
                if (Named(project, target, problems) is { } name)
                    images[mention.Span] = name;
                continue;
            }
            ImageReference? reference = (context as NamedContext.Image)?.Reference ?? mention.Reference;
            if (reference is null)
                continue;
            ImageTarget? image = project.Images.Where(i => i.Selector.Matches(reference)).OrderBy(i => i.Selector.Reference.Tag is null).FirstOrDefault();
            // `FROM alpine` in the image `alpine` means the one it replaces, as in `alpine:3` built from `alpine:3`'s own name.
            if (image is not null && (image.Name != self.Name || reference.Tag is null))
                images[mention.Span] = image.Name;
            else if (context is not null)
                replaced[mention.Span] = reference.Familiar;
        }
        return new BaseResolution(images.ToImmutable(), replaced.ToImmutable());
    }

    /// <summary>By the text as it resolves, or by a name that means the same image.</summary>
    private static NamedContext? ContextOf(ImageTarget self, ImageMention mention) =>
        self.Contexts.TryGetValue(mention.Text, out NamedContext? exact) ? exact
        : mention.Reference is not { } reference ? null
        : self.Contexts.Where(c => ImageReference.TryParse(c.Key, out ImageReference? named) && Tagged(named) == Tagged(reference)).Select(c => c.Value).FirstOrDefault();

    private static string Tagged(ImageReference reference) => (reference.Tag is null ? reference.WithTag("latest") : reference).ToString();

    private static ImageName? Named(Project project, NamedContext.Target target, ICollection<Diagnostic> problems)
    {
        if (project.Images.Any(i => i.Name == target.Name))
            return target.Name;
        string[] known = [.. project.Images.Where(i => i.ContextOf is null).Select(i => i.Name.Value)];
        problems.Add(Diagnostic.Error(DiagnosticCode.UnknownName, $"there is no image `{target.Name}`") with
        {
            At = target.At,
            Help = NearestName.Of(target.Name.Value, known) is { } near ? $"an image with a similar name exists: `{near}`" : $"the images are {string.Join(", ", known.Select(k => $"`{k}`"))}",
        });
        return null;
    }
}
