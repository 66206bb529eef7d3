using System.Collections.Immutable;
using Devloop.Manifests;
using Devloop.Rollout;

namespace Devloop.Planning;

/// <summary>What was applied once and is in the config no more.</summary>
public static class Leftovers
{
    /// <summary>
    /// The objects to delete, last applied first. Of a run of some resources, only what belonged to these: what became of the others is
    /// their next run's matter. Namespaces are never among them.
    /// </summary>
    public static ImmutableArray<RecordedObject> Of(AppliedRecord record, ResolvedProject project, string defaultNamespace)
    {
        var wanted = project.AllResources.SelectMany(r => RecordedOf(r, defaultNamespace)).Select(o => o.Identity).ToHashSet();
        var chosen = project.Resources.Select(r => r.Name.Value).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. record.Objects
                .Where(o => !wanted.Contains(o.Identity) && o.Object.Kind.Kind != "Namespace" && (!project.IsPart || chosen.Contains(o.Resource)))
                .OrderByDescending(o => ApplyOrder.RankOf(o.Object.Kind.Kind)).ThenByDescending(o => o.Object.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The objects of a resource as they stand in a record.</summary>
    public static IEnumerable<RecordedObject> RecordedOf(ResourceDefinition resource, string defaultNamespace) =>
        resource.Objects.Where(o => o.Kind != "Namespace").Select(o => new RecordedObject(resource.Name.Value, o.Reference with { Namespace = o.Namespace ?? defaultNamespace }));

    /// <summary>Wanted objects of the same kind and name as a leftover: of a kind without namespaces these are the very same object.</summary>
    public static IEnumerable<RecordedObject> Namesakes(RecordedObject leftover, ResolvedProject project, string defaultNamespace) =>
        project.AllResources.SelectMany(r => RecordedOf(r, defaultNamespace))
            .Where(o => o.Identity.Group == leftover.Identity.Group && o.Identity.Kind == leftover.Identity.Kind && o.Object.Name == leftover.Object.Name);
}
