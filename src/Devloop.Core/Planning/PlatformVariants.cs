using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// One Dockerfile as it is for several platforms. It is built in one go, from one text in which bases are pinned, so it has to name the
/// same images for all of them; stages and files may differ.
/// </summary>
internal static class PlatformVariants
{
    /// <summary>The first place that names another image for another platform; null when there is none.</summary>
    public static Diagnostic? Difference(ImageTarget target, ImmutableArray<ResolvedDockerfile> variants)
    {
        foreach (ResolvedDockerfile other in variants.Skip(1))
        {
            ImageMention[] odd = [.. variants[0].Mentions.Except(other.Mentions).Concat(other.Mentions.Except(variants[0].Mentions))];
            if (odd.Length == 0)
                continue;
            ImageMention first = odd.MinBy(m => m.Span.Start)!;
            return Diagnostic.Error(DiagnosticCode.NotSupported, $"image `{target.Name}` stands on other images for `{variants[0].Platform}` and for `{other.Platform}`, which is not supported by this version") with
            {
                At = first.Span,
                Label = $"`{first.Text}` for one of them",
                Help = "a base with several platforms has one name for all of them; or each platform is an image of its own, with `platform:`",
            };
        }
        return null;
    }
}
