using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>The part of a project that a command line names, with everything it needs.</summary>
public static class Selection
{
    /// <summary>Resources with what they depend on and their images with bases; no names is everything.</summary>
    public static Parsed<ResolvedProject> OfResources(ResolvedProject project, ImmutableArray<string> names)
    {
        if (names.IsEmpty)
            return new Parsed<ResolvedProject>(project, []);
        ImmutableArray<Diagnostic> unknown = Unknown(names, project.Resources.Select(r => r.Name.Value), "resource");
        if (!unknown.IsEmpty)
            return new Parsed<ResolvedProject>(null, unknown);
        var needs = new Needs(project, [], names.Select(n => new ResourceName(n)), onlyLocals: false);
        return new Parsed<ResolvedProject>(project.With(needs.Images, [.. project.Resources.Where(r => needs.Resources.Contains(r.Name))]), []);
    }

    /// <summary>Images with their bases and the local commands that write what they read; no names is every image.</summary>
    public static Parsed<ResolvedProject> OfImages(ResolvedProject project, ImmutableArray<string> names)
    {
        ImmutableArray<Diagnostic> unknown = Unknown(names, project.Images.Select(i => i.Name.Value), "image");
        if (!unknown.IsEmpty)
            return new Parsed<ResolvedProject>(null, unknown);
        var needs = new Needs(project, names.IsEmpty ? project.Images.Select(i => i.Name) : names.Select(n => new ImageName(n)), [], onlyLocals: true);
        ImmutableArray<ResourceDefinition> resources = [.. project.Resources.Where(r => r.Local is null ? names.IsEmpty : needs.Resources.Contains(r.Name))];
        return new Parsed<ResolvedProject>(resources.Length == project.Resources.Length && names.IsEmpty ? project : project.With(needs.Images, resources), []);
    }

    internal static ImmutableArray<Diagnostic> Unknown(ImmutableArray<string> names, IEnumerable<string> known, string noun)
    {
        string[] all = [.. known];
        return
        [
            .. names.Where(n => !all.Contains(n)).Select(n => Diagnostic.Error(DiagnosticCode.UnknownName, $"there is no {noun} `{n}`") with
            {
                Help = NearestName.Of(n, all) is { } near ? $"{Article(noun)} {noun} with a similar name exists: `{near}`"
                    : all.Length == 0 ? $"the project has no {noun}s" : $"the {noun}s are {string.Join(", ", all.Select(a => $"`{a}`"))}",
            }),
        ];
    }

    private static string Article(string noun) => noun[0] is 'i' ? "an" : "a";
}
