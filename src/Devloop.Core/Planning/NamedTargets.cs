using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>What names given to a running project mean. A name that an image and a resource share means both.</summary>
public sealed record NamedTargets(ImmutableArray<ImageName> Images, ImmutableArray<ResourceName> Resources)
{
    /// <summary>Images and resources; no names is none.</summary>
    public static Parsed<NamedTargets> Of(ResolvedProject project, IReadOnlyCollection<string> names)
    {
        string[] images = [.. project.Images.Select(i => i.Name.Value)], resources = [.. project.Resources.Select(r => r.Name.Value)];
        ImmutableArray<Diagnostic> unknown = Selection.Unknown([.. names], images.Concat(resources).Distinct(StringComparer.Ordinal), "image or resource");
        return unknown.IsEmpty
            ? new Parsed<NamedTargets>(new NamedTargets([.. images.Intersect(names).Select(n => new ImageName(n))], [.. resources.Intersect(names).Select(n => new ResourceName(n))]), [])
            : new Parsed<NamedTargets>(null, unknown);
    }

    /// <summary>Resources alone.</summary>
    public static Parsed<NamedTargets> OfResources(ResolvedProject project, IReadOnlyCollection<string> names)
    {
        string[] resources = [.. project.Resources.Select(r => r.Name.Value)];
        ImmutableArray<Diagnostic> unknown = Selection.Unknown([.. names], resources, "resource");
        return unknown.IsEmpty
            ? new Parsed<NamedTargets>(new NamedTargets([], [.. resources.Intersect(names).Select(n => new ResourceName(n))]), [])
            : new Parsed<NamedTargets>(null, unknown);
    }
}
