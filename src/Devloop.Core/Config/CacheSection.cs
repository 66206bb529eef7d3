using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>cache_from</c> and <c>cache_to</c>: image references, or mappings with a type.</summary>
internal static class CacheSection
{
    /// <summary>What each type takes when steps are looked for, by BuildKit's names; an exclamation mark stands before what must be there.</summary>
    private static readonly ImmutableDictionary<string, ImmutableArray<string>> From = ImmutableDictionary<string, ImmutableArray<string>>.Empty
        .Add(CacheLocation.Registry, ["!ref"])
        .Add(CacheLocation.Actions, ["scope", "timeout"]);

    private static readonly ImmutableArray<string> Writing = ["mode", "ignore-error"];

    private static readonly ImmutableDictionary<string, ImmutableArray<string>> To = ImmutableDictionary<string, ImmutableArray<string>>.Empty
        .Add(CacheLocation.Registry, ["!ref", .. Writing, "image-manifest", "oci-mediatypes", "compression", "compression-level", "force-compression"])
        .Add(CacheLocation.Inline, [])
        .Add(CacheLocation.Actions, ["scope", "timeout", .. Writing]);

    public static ImmutableArray<CacheLocation> Read(Section image, string key) =>
        [.. image.Items(key).Select(n => Read(image, key, n)).OfType<CacheLocation>()];

    private static CacheLocation? Read(Section image, string key, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping map:
                return Of(image, key, node.At, map.Entries.Where(e => e.Value is YamlScalar).Select(e => (e.Key.Value, ((YamlScalar)e.Value).Value, e.Key.At)),
                    map.Entries.FirstOrDefault(e => e.Value is not YamlScalar)?.Value);
            case YamlScalar { IsNull: false } text when text.Value.Contains('=', StringComparison.Ordinal):
                string[][] fields = [.. text.Value.Split(',').Select(f => f.Split('=', 2))];
                if (fields.All(f => f.Length == 2))
                    return Of(image, key, node.At, fields.Select(f => (f[0], f[1], node.At)), null);
                break;
            case YamlScalar { IsNull: false } text when ImageReference.TryParse(text.Value, out _):
                return Of(image, key, node.At, [("type", CacheLocation.Registry, node.At), ("ref", text.Value, node.At)], null);
            case YamlScalar { IsNull: false }:
                break;
            default:
                image.Wrong(node, $"an entry of `{key}` is a text or a mapping");
                return null;
        }
        Refuse(image, node.At, $"`{((YamlScalar)node).Value}` is no cache of builds", "an image reference, `type=registry,ref=REFERENCE` and `{type: registry, ref: REFERENCE}` say the same");
        return null;
    }

    private static CacheLocation? Of(Section image, string key, SourceSpan at, IEnumerable<(string Name, string Value, SourceSpan At)> fields, YamlNode? odd)
    {
        if (odd is not null)
        {
            image.Wrong(odd, $"what an entry of `{key}` says is a text");
            return null;
        }
        var attributes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var places = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        foreach ((string written, string value, SourceSpan place) in fields)
        {
            // Ours are written with underscores, BuildKit's with hyphens.
            string name = written.Trim().Replace('_', '-');
            (attributes[name], places[name]) = (value, place);
        }
        if (!attributes.Remove("type", out string? type))
            return Refuse(image, at, $"an entry of `{key}` has no type", "`type: registry` is a cache in a registry");
        ImmutableDictionary<string, ImmutableArray<string>> types = key == "cache_to" ? To : From;
        if (type == "local")
            return Refuse(image, at, $"`{key}` of type `local` is not supported", "`type: registry` keeps the steps in a registry; one on this machine will do", DiagnosticCode.NotSupported);
        if (type == CacheLocation.Inline && key == "cache_from")
            return Refuse(image, at, "steps inside of an image are looked for by its reference", "`cache_from: [REFERENCE]` names the image that `cache_to: [{type: inline}]` made");
        if (!types.TryGetValue(type, out ImmutableArray<string> known))
            return Refuse(image, at, $"`{type}` is not a type of `{key}`", $"the types are {string.Join(", ", types.Keys.Order(StringComparer.Ordinal).Select(t => $"`{t}`"))}");

        string[] names = [.. known.Select(k => k.TrimStart('!'))];
        foreach (string name in attributes.Keys.Where(n => !names.Contains(n)))
        {
            Refuse(image, places[name], $"a cache of type `{type}` takes no `{name.Replace('-', '_')}` in `{key}`",
                name is "token" or "url" or "url-v2" ? "the runner's environment gives the address and the token"
                : names.Length == 0 ? "it takes nothing but its type"
                : $"it takes {string.Join(", ", names.Select(n => $"`{n.Replace('-', '_')}`"))}");
        }
        foreach (string name in known.Where(k => k.StartsWith('!')).Select(k => k[1..]).Where(n => !attributes.ContainsKey(n)))
            Refuse(image, at, $"a cache of type `{type}` has no `{name}`", $"`{name}: HOST/NAME:TAG` says where it is");
        if (attributes.TryGetValue("ref", out string? reference) && !ImageReference.TryParse(reference, out _))
            Refuse(image, places["ref"], $"`{reference}` is not an image reference", "a reference is written as `[registry/]name[:tag]`, in lower case");
        if (attributes.TryGetValue("mode", out string? mode) && mode is not ("min" or "max"))
            Refuse(image, places["mode"], $"`{mode}` is not a mode of a cache", "`min` keeps the steps of the image, `max` those of all stages");
        return new CacheLocation(type, attributes.ToImmutable());
    }

    private static CacheLocation? Refuse(Section image, SourceSpan at, string message, string help, string code = DiagnosticCode.BadCache)
    {
        image.Report(Diagnostic.Error(code, message) with { At = at, Help = help });
        return null;
    }
}
