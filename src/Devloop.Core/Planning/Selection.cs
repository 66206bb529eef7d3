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
        var wanted = new HashSet<ResourceName>();
        var open = new Stack<ResourceName>(names.Select(n => new ResourceName(n)));
        while (open.TryPop(out ResourceName name))
        {
            if (!wanted.Add(name))
                continue;
            foreach (ResourceName needed in project.Resources.First(r => r.Name == name).Settings.DependsOn)
                open.Push(needed);
        }
        ImmutableArray<ResourceDefinition> resources = [.. project.Resources.Where(r => wanted.Contains(r.Name))];
        return new Parsed<ResolvedProject>(project.With(project.Graph.WithBases(resources.SelectMany(r => r.Images)), resources), []);
    }

    /// <summary>Images with their bases, without resources; no names is every image.</summary>
    public static Parsed<ResolvedProject> OfImages(ResolvedProject project, ImmutableArray<string> names)
    {
        ImmutableArray<Diagnostic> unknown = Unknown(names, project.Images.Select(i => i.Name.Value), "image");
        if (!unknown.IsEmpty)
            return new Parsed<ResolvedProject>(null, unknown);
        return new Parsed<ResolvedProject>(names.IsEmpty ? project : project.With(project.Graph.WithBases(names.Select(n => new ImageName(n))), []), []);
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
