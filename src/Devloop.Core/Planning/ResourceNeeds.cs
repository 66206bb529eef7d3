using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>
/// What a resource needs of others without the config saying so: the definition of a custom kind before objects of that kind, and a
/// Namespace before objects in it.
/// </summary>
internal static class ResourceNeeds
{
    /// <param name="defaultNamespace">For objects that name none; null when nothing says which.</param>
    /// <returns>The resources with what they need. Where two need one another neither waits: the cluster then has the last word.</returns>
    public static ImmutableArray<ResourceDefinition> Add(ImmutableArray<ResourceDefinition> resources, string? defaultNamespace)
    {
        var kinds = new Dictionary<(string Group, string Kind), ResourceName>();
        var namespaces = new Dictionary<string, ResourceName>(StringComparer.Ordinal);
        foreach (ResourceDefinition resource in resources)
        {
            foreach (KubernetesObject item in resource.Objects)
            {
                if (DefinedBy(item) is { } defined)
                    kinds.TryAdd(defined, resource.Name);
                else if (item is { Kind: "Namespace", Group: "" })
                    namespaces.TryAdd(item.Name, resource.Name);
            }
        }
        if (kinds.Count == 0 && namespaces.Count == 0)
            return resources;
        var needs = resources.ToDictionary(r => r.Name, r => Of(r).Where(n => n != r.Name).Distinct().ToImmutableArray());
        return [.. resources.Select(r => needs[r.Name] is { IsEmpty: false } mine ? r with { Needs = [.. mine.Where(n => !Reaches(n, r.Name, needs))] } : r)];

        IEnumerable<ResourceName> Of(ResourceDefinition resource)
        {
            foreach (KubernetesObject item in resource.Objects)
            {
                if (kinds.TryGetValue((item.Group, item.Kind), out ResourceName definer))
                    yield return definer;
                if ((item.Namespace ?? defaultNamespace) is { } space && namespaces.TryGetValue(space, out ResourceName owner))
                    yield return owner;
            }
        }
    }

    /// <summary>The group and kind that a CustomResourceDefinition brings, or null.</summary>
    public static (string Group, string Kind)? DefinedBy(KubernetesObject item) => DefinedBy(item.Json);

    /// <inheritdoc cref="DefinedBy(KubernetesObject)"/>
    public static (string Group, string Kind)? DefinedBy(JsonObject item) =>
        item.Text("kind") == "CustomResourceDefinition" && item.Text("spec", "group") is { } group && item.Text("spec", "names", "kind") is { } kind ? (group, kind) : null;

    private static bool Reaches(ResourceName from, ResourceName to, Dictionary<ResourceName, ImmutableArray<ResourceName>> needs)
    {
        var seen = new HashSet<ResourceName>();
        var open = new Stack<ResourceName>([from]);
        while (open.TryPop(out ResourceName next))
        {
            if (next == to)
                return true;
            if (seen.Add(next))
                needs[next].ToList().ForEach(open.Push);
        }
        return false;
    }
}
