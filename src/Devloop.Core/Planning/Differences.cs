using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Which inputs of an image differ from those of an earlier build of it.</summary>
public static class Differences
{
    /// <summary>Named at most; what goes beyond is counted.</summary>
    private const int Most = 20;

    /// <summary>Empty when nothing differs.</summary>
    /// <param name="before">What the image was built from.</param>
    public static ImmutableArray<BuildReason> Between(BuildRecord before, Fingerprint now) =>
        [.. Inputs(before.Context, now.Image, now.Context), .. Fields(before.Fields, now)];

    /// <summary>What differs of the inputs alone.</summary>
    public static ImmutableArray<BuildReason> Inputs(ContextSnapshot before, ImageDefinition image, ContextSnapshot context)
    {
        var found = ImmutableArray.CreateBuilder<BuildReason>();
        int files = 0;
        foreach ((string path, InputChange change) in Entries(before.Tree, context.Tree, ""))
        {
            if (++files > Most)
                continue;
            string inProject = ProjectPath.Join(image.Target.Context, path);
            BuildReason.FileChanged reason = image.Reads(inProject) ?? new BuildReason.FileChanged(inProject, null, null);
            found.Add(reason with { Change = change });
        }
        if (files > Most)
            found.Add(new BuildReason.AndMore(files - Most));
        return found.ToImmutable();
    }

    private static IEnumerable<BuildReason> Fields(ImmutableArray<KeyField> before, Fingerprint now)
    {
        var was = before.ToDictionary(f => f.Name, f => f.Hash, StringComparer.Ordinal);
        var all = now.Fields.ToDictionary(f => f.Name, f => f.Hash, StringComparer.Ordinal);
        foreach (string name in was.Keys.Union(all.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            bool same = was.TryGetValue(name, out string? old) == all.TryGetValue(name, out string? current) && old == current;
            // Whether a base is one at all is written in the Dockerfile: that is the reason to tell.
            if (same || ((IsBase(name) || IsExternal(name)) && !(was.ContainsKey(name) && all.ContainsKey(name))))
                continue;
            yield return name == "dockerfile" ? new BuildReason.DefinitionChanged(now.Image.DockerfileName)
                : IsBase(name) && new ImageName(name[ContentKeys.BaseField.Length..]) is var changed ? new BuildReason.BaseChanged(changed, ContentTag.Of(now.Bases[changed]))
                : IsExternal(name) ? new BuildReason.ExternalBaseChanged(name[ContentKeys.ExternalField.Length..])
                : new BuildReason.SettingChanged(name);
        }
    }

    private static bool IsBase(string field) => field.StartsWith(ContentKeys.BaseField, StringComparison.Ordinal);

    private static bool IsExternal(string field) => field.StartsWith(ContentKeys.ExternalField, StringComparison.Ordinal);

    /// <summary>In the order of the tree; directories that are the same are not entered. Directories that come or go are told by what is in them.</summary>
    private static IEnumerable<(string Path, InputChange Change)> Entries(ContextNode.Directory? before, ContextNode.Directory? now, string prefix)
    {
        if (before?.Hash == now?.Hash)
            yield break;
        IEnumerable<string> names = (before?.Children ?? []).Concat(now?.Children ?? []).Select(c => c.Name).Distinct(StringComparer.Ordinal);
        foreach (string name in names.Order(Comparer<string>.Create(NameOrder.Compare)))
        {
            (ContextNode? old, ContextNode? current) = (before?.Child(name), now?.Child(name));
            if (Change(old, current) is { } change)
                yield return (prefix + name, change);
            if (old is not ContextNode.Directory && current is not ContextNode.Directory)
                continue;
            foreach ((string Path, InputChange Change) below in Entries(old as ContextNode.Directory, current as ContextNode.Directory, prefix + name + "/"))
                yield return below;
        }
    }

    private static InputChange? Change(ContextNode? old, ContextNode? now) => (old, now) switch
    {
        (null, ContextNode.Directory) or (ContextNode.Directory, null) => null,
        (null, _) => InputChange.Added,
        (_, null) => InputChange.Removed,
        _ when old.Kind != now.Kind => InputChange.Kind,
        (ContextNode.Link a, ContextNode.Link b) => a.Target != b.Target ? InputChange.Target : null,
        (ContextNode.File a, ContextNode.File b) when a.Hash != b.Hash => InputChange.Content,
        _ => old.Mode != now.Mode ? InputChange.Mode : null,
    };
}
