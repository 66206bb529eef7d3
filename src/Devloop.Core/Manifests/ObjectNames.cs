using System.Collections.Immutable;

namespace Devloop.Manifests;

/// <summary>Names of objects, as short as unique: <c>name</c>, <c>name:kind</c>, <c>name:kind:namespace</c>; kinds in lower case.</summary>
public static class ObjectNames
{
    /// <summary>A name for each object, in their order. Objects that agree in all three parts get their group as a fourth.</summary>
    public static ImmutableArray<string> Shortest(IReadOnlyList<KubernetesObject> objects)
    {
        string[][] levels = [.. objects.Select(Levels)];
        Dictionary<string, int> owners = levels.SelectMany(l => l.Distinct()).GroupBy(n => n).ToDictionary(n => n.Key, n => n.Count());
        var names = ImmutableArray.CreateBuilder<string>(objects.Count);
        foreach (string[] level in levels)
            names.Add(level.FirstOrDefault(name => owners[name] == 1) ?? level[^1]);
        return names.ToImmutable();
    }

    /// <summary>A name that a user wrote means this object.</summary>
    public static bool Means(string written, KubernetesObject target) => Levels(target).Contains(written, StringComparer.OrdinalIgnoreCase);

    private static string[] Levels(KubernetesObject target)
    {
        string kind = $"{target.Name}:{target.Kind.ToLowerInvariant()}";
        string space = $"{kind}:{target.Namespace ?? "default"}";
        return [target.Name, kind, space, $"{space}:{target.Group}"];
    }
}
