using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>Reads the manifests of a project into resources, and holds what the config says of them against what there is.</summary>
internal static class ResourceReading
{
    /// <param name="read">Reads a file; null when it could not be read, which was reported.</param>
    /// <param name="manifests">What was read of them before.</param>
    /// <param name="rendered">What other tools made, and whether all of it is there.</param>
    public static ImmutableArray<ResourceDefinition> Read(Project project, IFileTree files, ImageGraph? graph, Func<string, SourceSpan?, SourceText?> read, ManifestMemory manifests,
        (ImmutableArray<KubernetesObject> Objects, bool Whole) rendered, ImmutableArray<Diagnostic>.Builder problems)
    {
        var objects = new List<KubernetesObject>();
        bool whole = rendered.Whole;
        foreach (ManifestSource source in project.Manifests)
        {
            foreach (string file in ProjectCheck.ManifestFiles(source, files))
            {
                if (read(file, source.At) is not { } text)
                {
                    whole = false;
                    continue;
                }
                Parsed<ManifestFile> manifest = manifests.Read(text);
                problems.AddRange(manifest.Diagnostics);
                whole &= !manifest.HasErrors;
                objects.AddRange(manifest.Value?.Objects ?? []);
            }
        }
        objects.AddRange(rendered.Objects);
        // Names that a broken manifest would have brought are no unknown names.
        if (!whole)
            return [];
        AddDuplicates(objects, project, problems);
        ResourcesOf grouped = Grouping.Group(objects, project);
        problems.AddRange(grouped.Diagnostics);
        AddUnknownDependencies(grouped.Resources, project.Locals, problems);
        AddCycle(grouped.Resources, problems);
        if (graph is not null && objects.Count > 0)
            problems.AddRange(UnusedImages.Find(project, objects, i => !graph.Children(i).IsEmpty));
        return ResourceNeeds.Add([.. grouped.Resources.OrderBy(r => r.Name.Value != Grouping.Uncategorized).Select(r => Define(project, r))], project.Cluster.Namespace);
    }

    private static ResourceDefinition Define(Project project, Resource resource)
    {
        ImmutableArray<ImageTarget> targets = [.. project.Images.Where(i => resource.Images.Contains(i.Name))];
        using FieldHash hash = new();
        foreach (KubernetesObject item in resource.Objects)
            hash.Add("object", item.JsonText);
        // Where a custom kind names images decides what goes into it.
        foreach (KindRule rule in project.Kinds.Where(k => resource.Objects.Any(o => o.Kind == k.Kind)))
            hash.Add("kind", string.Join('\n', [rule.Kind, rule.ApiVersion, .. rule.ImagePaths, .. rule.ImageObjects.Select(o => o.ToString())]));
        foreach (ImageTarget target in targets)
        {
            hash.Add("entrypoint", target.Entrypoint is null ? null : string.Join('\n', target.Entrypoint.Words))
                .Add("args", target.ContainerArgs is { } args ? string.Join('\n', args) : null)
                .Add("env", target.MatchInEnv ? "yes" : null);
        }
        return new ResourceDefinition
        {
            Name = resource.Name,
            Settings = resource.Settings,
            Objects = resource.Objects,
            Targets = targets,
            Kinds = project.Kinds,
            ObjectsHash = hash.ToHex(),
        };
    }

    private static void AddDuplicates(IReadOnlyCollection<KubernetesObject> objects, Project project, ImmutableArray<Diagnostic>.Builder problems)
    {
        foreach (KubernetesObject[] same in objects.GroupBy(o => o.IdentityIn(project.Cluster.Namespace)).Select(g => g.ToArray()).Where(g => g.Length > 1))
        {
            problems.AddRange(same.Skip(1).Select(second => Diagnostic.Error(DiagnosticCode.DuplicateObject, $"`{second}` is defined twice") with
            {
                At = second.At,
                Label = $"first at {same[0].At}",
                Help = "one of the two goes, or gets another name or namespace",
            }));
        }
    }

    private static void AddUnknownDependencies(ImmutableArray<Resource> resources, ImmutableArray<LocalCommand> locals, ImmutableArray<Diagnostic>.Builder problems)
    {
        string[] known = [.. resources.Select(r => r.Name.Value), .. locals.Select(l => l.Name.Value)];
        foreach ((string what, ResourceName name, ResourceSettings settings) in resources.Select(r => ("resource", r.Name, r.Settings)).Concat(locals.Select(l => ("local command", l.Name, l.Settings))))
        {
            problems.AddRange(settings.DependsOn.Where(d => !known.Contains(d.Value)).Select(needed =>
                Diagnostic.Error(DiagnosticCode.UnknownName, $"{what} `{name}` depends on `{needed}`, which does not exist") with
                {
                    At = settings.DependsOnAt.GetValueOrDefault(needed) ?? settings.At,
                    Help = NearestName.Of(needed.Value, known.Where(k => k != name.Value)) is { } near ? $"a resource with a similar name exists: `{near}`" : $"the resources are {string.Join(", ", known.Select(k => $"`{k}`"))}",
                }));
        }
    }

    private static void AddCycle(ImmutableArray<Resource> resources, ImmutableArray<Diagnostic>.Builder problems)
    {
        var byName = resources.ToDictionary(r => r.Name);
        if (Cycle.Find(resources.Select(r => r.Name), n => byName.TryGetValue(n, out Resource? r) ? r.Settings.DependsOn : []) is not { } cycle)
            return;
        problems.Add(Diagnostic.Error(DiagnosticCode.ResourceCycle, $"resources wait for one another: {string.Join(" → ", cycle.Select(c => c.Value))}") with
        {
            At = (cycle.Length > 1 ? byName[cycle[0]].Settings.DependsOnAt.GetValueOrDefault(cycle[1]) : null) ?? byName[cycle[0]].Settings.At,
            Help = "one of these `depends_on` entries goes",
        });
    }
}
