using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads what an image asks of its builder beyond the Dockerfile language.</summary>
internal static partial class DemandsSection
{
    private static readonly ImmutableArray<string> Keys = ["platforms", "shm_size", "ulimits", "no_cache", "cache_from", "cache_to", "annotations", "sbom", "provenance"];

    /// <summary>The limits that Docker takes.</summary>
    private static readonly ImmutableArray<string> Limits =
        ["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"];

    private static readonly ImmutableArray<string> AnnotationLevels = ["manifest", "index", "manifest-descriptor", "index-descriptor"];

    /// <param name="severalPlatforms">What is built is an index for that alone.</param>
    public static BuildDemands Read(Section image, bool severalPlatforms)
    {
        (bool noCache, ImmutableArray<string> stages) = NoCache(image);
        var settings = new BuildDemands
        {
            SharedMemory = SharedMemory(image),
            Limits = Ulimits(image),
            NoCache = noCache,
            NoCacheStages = stages,
            CacheFrom = CacheSection.Read(image, "cache_from"),
            CacheTo = CacheSection.Read(image, "cache_to"),
            Annotations = Annotations(image),
            Sbom = Sbom(image),
            Provenance = Provenance(image),
        };
        if (!severalPlatforms && settings is { Sbom: null, Provenance: null })
            RefuseIndexAnnotations(image, settings);
        var places = Keys.Where(image.Has).ToImmutableDictionary(k => k, k => image.Place(k)!);
        return places.IsEmpty ? BuildDemands.None : settings with { Places = places };
    }

    /// <summary>Bytes, or a number with a unit of 1024, as Docker's flag takes it: <c>64m</c>, <c>1gb</c>, <c>1.5g</c>.</summary>
    private static long? SharedMemory(Section image)
    {
        if (image.Text("shm_size") is not { } text)
            return null;
        if (Size().Match(text.Trim().ToLowerInvariant()) is { Success: true } match
            && decimal.TryParse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && number < long.MaxValue
            && number * (1L << (10 * ("kmgt".IndexOf(match.Groups["unit"].Value, StringComparison.Ordinal) + (match.Groups["unit"].Success ? 1 : 0)))) is >= 1 and <= long.MaxValue and var bytes)
        {
            return (long)bytes;
        }
        image.Bad("shm_size", $"`{text}` is not a size", "expected a number of bytes", "`64m`, `1g` and `67108864` are sizes");
        return null;
    }

    /// <summary>As compose writes them: one number for both limits, or each of its own.</summary>
    private static ImmutableArray<ResourceLimit> Ulimits(Section image)
    {
        var limits = ImmutableArray.CreateBuilder<ResourceLimit>();
        Section? section = image.Sub("ulimits");
        foreach (YamlEntry entry in section?.Entries ?? [])
        {
            string name = entry.Key.Value;
            if (!Limits.Contains(name))
            {
                image.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{name}` is not a limit") with
                {
                    At = entry.Key.At,
                    Help = NearestName.Of(name, Limits) is { } near ? $"a limit with a similar name exists: `{near}`" : $"the limits are {string.Join(", ", Limits.Select(l => $"`{l}`"))}",
                });
                continue;
            }
            if (entry.Value is YamlMapping map)
            {
                Section both = image.Inside(map, $"limit `{name}`");
                (long? soft, long? hard) = (Limit(both, "soft"), Limit(both, "hard"));
                both.Finish("a limit");
                if (soft is not null && hard is not null)
                    Add(name, soft.Value, hard.Value, entry.Value.At);
            }
            else if (entry.Value is YamlScalar scalar && Number(scalar) is { } one)
            {
                Add(name, one, one, entry.Value.At);
            }
            else
            {
                image.Wrong(entry.Value, $"limit `{name}` is a number", "`nofile: 1024` sets both limits, `nofile: {soft: 1024, hard: 2048}` each; -1 is without limit");
            }
        }
        return limits.ToImmutable();

        void Add(string name, long soft, long hard, SourceSpan at)
        {
            if (hard >= 0 && (soft > hard || soft < 0))
                image.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"the soft limit of `{name}` is above its hard limit") with { At = at, Help = "the soft limit is at most the hard one" });
            else
                limits.Add(new ResourceLimit(name, soft, hard));
        }
    }

    private static long? Limit(Section both, string key)
    {
        if (both.Find(key) is YamlScalar scalar && Number(scalar) is { } number)
            return number;
        if (both.Find(key) is { } node)
            both.Wrong(node, $"`{key}` of {both.What} is a number from -1 on");
        else
            both.Report(Diagnostic.Error(DiagnosticCode.MissingKey, $"{both.What} has no `{key}`") with { At = both.At, Help = "`nofile: {soft: 1024, hard: 2048}` has both" });
        return null;
    }

    private static long? Number(YamlScalar scalar) =>
        long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= -1 ? number : null;

    private static (bool All, ImmutableArray<string> Stages) NoCache(Section image)
    {
        if (image.Find("no_cache") is YamlScalar { IsPlain: true, Value: "true" or "True" or "TRUE" or "false" or "False" or "FALSE" })
            return (image.Flag("no_cache"), []);
        ImmutableArray<string> stages = image.Texts("no_cache");
        foreach (string stage in stages.Where(s => s.Length == 0 || s.Contains(',', StringComparison.Ordinal)))
            image.Bad("no_cache", $"`{stage}` is not the name of a stage", null, "`no_cache: true` takes no step from the cache, `no_cache: [STAGE]` none of these stages");
        return (false, stages);
    }

    private static ImmutableSortedDictionary<string, string> Annotations(Section image)
    {
        var annotations = image.TextMap("annotations", nulls: false).ToImmutableSortedDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal);
        foreach (string key in annotations.Keys)
        {
            int cut = key.IndexOf(':', StringComparison.Ordinal);
            if ((cut < 0 ? key.Length > 0 : AnnotationLevels.Contains(key[..cut]) && cut < key.Length - 1) && !key.Any(char.IsWhiteSpace))
                continue;
            image.Bad("annotations", $"`{key}` is not the name of an annotation", null, $"a name stands alone or after one of {string.Join(", ", AnnotationLevels.Select(l => $"`{l}:`"))}");
        }
        return annotations;
    }

    /// <summary>BuildKit refuses them for an image of one platform without attestations, but only when all steps are done.</summary>
    private static void RefuseIndexAnnotations(Section image, BuildDemands demands)
    {
        foreach (string key in demands.Annotations.Keys.Where(k => k.StartsWith("index:", StringComparison.Ordinal) || k.StartsWith("index-descriptor:", StringComparison.Ordinal)))
            image.Bad("annotations", $"`{key}` has no index to go to", null, "several `platforms`, `sbom` or `provenance` make an index; `manifest:` goes to the image itself");
    }

    /// <summary>A flag, or a mapping with the image that makes it.</summary>
    private static string? Sbom(Section image)
    {
        if (image.Find("sbom") is not YamlMapping)
            return image.Flag("sbom") ? "" : null;
        Section section = image.Sub("sbom")!;
        string? generator = section.Text("generator");
        section.Finish("`sbom`");
        if (generator is null)
            image.Bad("sbom", "`sbom` names no generator", null, "`sbom: true` takes the builder's own, `sbom: {generator: IMAGE}` another");
        return "generator=" + generator;
    }

    private static string? Provenance(Section image)
    {
        if (image.Find("provenance") is YamlScalar { Value: "min" or "max" } mode)
            return "mode=" + mode.Value;
        if (image.Find("provenance") is not YamlScalar { Value: not ("true" or "false" or "True" or "False" or "TRUE" or "FALSE") } other)
            return image.Flag("provenance") ? "mode=min" : null;
        image.Bad("provenance", $"`{other.Value}` is not a mode of provenance", null, "`provenance` is `true`, `false`, `min` or `max`");
        return null;
    }

    [GeneratedRegex(@"\A(?<number>[0-9]+(\.[0-9]+)?) ?((?<unit>[kmgt])(i?b)?|b)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Size();
}
