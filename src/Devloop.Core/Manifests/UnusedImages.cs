using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>Images of the project that no manifest names and no other image is built on: most often a mistyped name.</summary>
public static class UnusedImages
{
    /// <param name="isBase">Another image of the project is built on this one.</param>
    /// <returns>A warning <c>DL1033</c> for each.</returns>
    public static ImmutableArray<Diagnostic> Find(Project project, IReadOnlyCollection<KubernetesObject> objects, Func<ImageName, bool> isBase)
    {
        var used = objects.SelectMany(o => ImageInjection.Matches(o, project.Images, project.Kinds)).ToHashSet();
        string[] named = [.. objects.SelectMany(o => ImageFields.Of(o.Json, project.Kinds)).Where(f => f.Kind != ImageFieldKind.Environment)
            .Select(f => f.Reference?.FamiliarName).OfType<string>().Distinct()];
        return [.. project.Images.Where(i => !used.Contains(i.Name) && !isBase(i.Name)).Select(image =>
            Diagnostic.Warning(DiagnosticCode.UnusedImage, $"image `{image.Name}` is used by no manifest and is no base of another image") with
            {
                At = image.At,
                Help = NearestName.Of(image.Selector.Reference.FamiliarName, named) is { } nearest ? $"the manifests name a similar image: `{nearest}`"
                    : named.Length == 0 ? "the manifests name no images" : "it is built all the same when it is asked for by name",
            })];
    }
}
