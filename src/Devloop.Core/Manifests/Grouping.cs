using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>
/// Makes resources of objects: each workload is one, and so is any object that names an image of the project. A Service goes to the first
/// workload it selects; <see cref="ResourceSettings.Objects"/> puts others, also under a name of its own; the rest is <c>uncategorized</c>.
/// </summary>
public static class Grouping
{
    public const string Uncategorized = "uncategorized";

    /// <returns>Resources sorted by the place of their workload in the manifests; those without one after them. A name in the config that nothing has is a <c>DL1034</c>.</returns>
    public static ResourcesOf Group(IEnumerable<KubernetesObject> objects, Project project)
    {
        KubernetesObject[] all = [.. objects];
        var images = all.ToDictionary(o => o, o => ImageInjection.Matches(o, project.Images, project.Kinds));
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        Dictionary<KubernetesObject, string> claims = Claims(all, project, problems);

        KubernetesObject[] workloads = [.. all.Where(o => Workloads.Include(o.Reference.Kind) || !images[o].IsEmpty)];
        ImmutableArray<string> names = ObjectNames.Shortest(workloads);
        var groups = new List<(string Name, KubernetesObject? Workload, List<KubernetesObject> Objects)>();
        for (int i = 0; i < workloads.Length; i++)
        {
            // A workload that the config puts elsewhere runs there.
            string name = claims.GetValueOrDefault(workloads[i], names[i]);
            if (groups.FirstOrDefault(g => g.Name == name) is { Objects: not null } group)
                group.Objects.Add(workloads[i]);
            else
                groups.Add((name, workloads[i], [workloads[i]]));
        }
        foreach (KubernetesObject rest in all.Except(workloads))
        {
            string name = claims.TryGetValue(rest, out string? claimed) ? claimed : OwnerOf(rest, workloads, names, claims, project) ?? Uncategorized;
            if (groups.FirstOrDefault(g => g.Name == name) is { Objects: not null } group)
                group.Objects.Add(rest);
            else
                groups.Add((name, null, [rest]));
        }
        ImmutableArray<Resource> resources = [.. groups.OrderBy(g => g.Workload is null ? g.Name == Uncategorized ? 2 : 1 : 0).Select(g => new Resource
        {
            Name = new ResourceName(g.Name),
            Workload = g.Workload,
            Objects = [.. ApplyOrder.Sort(g.Objects)],
            Images = [.. g.Objects.SelectMany(o => images[o]).Distinct().Order()],
            Settings = project.Resources.GetValueOrDefault(g.Name) ?? new ResourceSettings(),
        })];
        AddUnknownNames(resources, project, problems);
        return new ResourcesOf(resources, problems.ToImmutable());
    }

    /// <summary>Which object the config puts into which resource.</summary>
    private static Dictionary<KubernetesObject, string> Claims(KubernetesObject[] all, Project project, ImmutableArray<Diagnostic>.Builder problems)
    {
        var claims = new Dictionary<KubernetesObject, string>();
        foreach ((string name, ResourceSettings settings) in project.Resources)
        {
            foreach (string written in settings.Objects)
            {
                KubernetesObject[] meant = [.. all.Where(o => ObjectNames.Means(written, o))];
                foreach (KubernetesObject each in meant)
                    claims.TryAdd(each, name);
                if (meant.Length == 0)
                    problems.Add(Unknown($"resource `{name}` names the object `{written}`, which no manifest has", written, ObjectNames.Shortest(all), settings.At, "object"));
            }
        }
        return claims;
    }

    /// <summary>The resource of the first workload that a Service selects.</summary>
    private static string? OwnerOf(KubernetesObject service, KubernetesObject[] workloads, ImmutableArray<string> names, Dictionary<KubernetesObject, string> claims, Project project)
    {
        if (service is not { Kind: "Service", Group: "" } || JsonFields.Map(service.Json, "spec", "selector") is not { Count: > 0 } selector)
            return null;
        string space = service.Namespace ?? project.Cluster.Namespace ?? "";
        for (int i = 0; i < workloads.Length; i++)
        {
            JsonObject? labels = PodLabels(workloads[i].Json);
            bool selects = labels is not null && (workloads[i].Namespace ?? project.Cluster.Namespace ?? "") == space
                && selector.All(s => JsonFields.Text(s.Value) is { } value && JsonFields.Text(labels, s.Key) == value);
            if (selects)
                return claims.GetValueOrDefault(workloads[i], names[i]);
        }
        return null;
    }

    private static JsonObject? PodLabels(JsonObject json) =>
        JsonFields.Map(json, "spec", "template", "metadata", "labels")
        ?? JsonFields.Map(json, "spec", "jobTemplate", "spec", "template", "metadata", "labels")
        ?? (JsonFields.Text(json, "kind") == "Pod" ? JsonFields.Map(json, "metadata", "labels") : null);

    private static void AddUnknownNames(ImmutableArray<Resource> resources, Project project, ImmutableArray<Diagnostic>.Builder problems)
    {
        string[] known = [.. resources.Select(r => r.Name.Value)];
        foreach ((string name, ResourceSettings settings) in project.Resources)
        {
            if (!known.Contains(name) && settings.Objects.IsEmpty)
                problems.Add(Unknown($"no manifest makes a resource `{name}`", name, known, settings.At, "resource"));
        }
    }

    private static Diagnostic Unknown(string message, string written, IReadOnlyCollection<string> known, SourceSpan? at, string what) =>
        Diagnostic.Error(DiagnosticCode.UnknownResource, message) with
        {
            At = at,
            Help = NearestName.Of(written, known) is { } nearest ? $"{(what == "object" ? "an" : "a")} {what} with a similar name exists: `{nearest}`"
                : known.Count == 0 ? "the manifests hold no objects" : $"the {what}s are {string.Join(", ", known.Order(StringComparer.Ordinal).Take(20).Select(k => $"`{k}`"))}",
        };
}

/// <summary>The resources, and what is wrong with what the config says of them.</summary>
public sealed record ResourcesOf(ImmutableArray<Resource> Resources, ImmutableArray<Diagnostic> Diagnostics);
