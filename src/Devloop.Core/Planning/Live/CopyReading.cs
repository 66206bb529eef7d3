using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Makes a step of a COPY or ADD.</summary>
/// <param name="directory">Where the instruction runs, from the root; null when that is not known.</param>
/// <param name="step">The number that the step will have.</param>
internal sealed class CopyReading(ImageDefinition image, ResolvedInstruction resolved, string? directory, int step)
{
    /// <summary>What follows an instruction with a variable that only its base can have.</summary>
    public const string Uncertain = "uses what its base brings, of which nothing is known yet";

    private readonly Instruction _instruction = resolved.Instruction;

    /// <summary>The sources as paths of the place they are taken from; null when there is more to say of them.</summary>
    public static ImmutableArray<string>? PlainSources(ResolvedInstruction resolved) =>
        resolved.Instruction.Name != "COPY" || resolved.IsUncertain || resolved.Words.Length < 2 || IsSet(resolved.Instruction, "parents") || resolved.Words[..^1].Any(GlobPattern.HasWildcards) ? null
            : [.. resolved.Words[..^1].Select(w => ChainReading.Rooted(ContextPath.Clean(w)))];

    /// <summary>What a copy reads whose result cannot be followed.</summary>
    public static IEnumerable<LiveReader> ReadersOf(ImageDefinition image, ImageName context, ResolvedInstruction resolved, string why)
    {
        for (int i = 0; i < resolved.Words.Length - 1; i++)
        {
            if (IsHeredoc(resolved.Instruction, i) || IsAddress(resolved, i))
                continue;
            bool everything = (resolved.IsUncertain && resolved.Instruction.Words[i].Text.Contains('$')) || IsSet(resolved.Instruction, "parents");
            string source = everything ? "" : resolved.Words[i];
            IgnoreRules? excludes = everything ? null : ExcludesOf(resolved);
            yield return new LiveReader(image, resolved.Instruction, context, InputPattern.Of(source, resolved.Instruction, excludes), LiveSource.Of(source, resolved.Instruction, excludes, "/"), why);
        }
    }

    /// <summary>A copy from a stage or an image: it may write anything at its destination.</summary>
    public LiveStep Foreign() => Unknown("may bring it too", []);

    public LiveStep FromContext(ImageName context)
    {
        string? destination = DestinationOf();
        if (resolved.IsUncertain || destination is null)
            return Unknown(Uncertain, ReadersOf(image, context, resolved, Uncertain));
        if (IsSet(_instruction, "parents"))
            return Unknown("keeps parents, which cannot be repeated", ReadersOf(image, context, resolved, "keeps parents, which cannot be repeated"));
        if (resolved.Excludes.Any(e => e.StartsWith('!')))
            return Unknown("takes excludes back, which cannot be repeated", ReadersOf(image, context, resolved, "takes excludes back, which cannot be repeated"));
        var sources = ImmutableArray.CreateBuilder<LiveSource>();
        for (int i = 0; i < resolved.Words.Length - 1; i++)
        {
            if (IsHeredoc(_instruction, i) || IsAddress(resolved, i) || LiveSource.Of(resolved.Words[i], _instruction, ExcludesOf(resolved), destination) is not { } source)
                return Unknown("may bring it too", ReadersOf(image, context, resolved, "cannot be repeated"));
            sources.Add(source);
        }
        (int? mode, string? doubt) = ModeOf();
        string? chown = _instruction.Flag("chown")?.Value;
        if (chown?.Contains('$') == true)
            doubt = "has an owner that is not known";
        return new LiveStep.Copy(image, _instruction, context, sources.ToImmutable(), LiveOwner.Of(chown, step), mode, _instruction.Name == "ADD" && !IsUnset("unpack"), doubt);
    }

    private LiveStep.Opaque Unknown(string why, IEnumerable<LiveReader> reads)
    {
        string? region = resolved.IsUncertain ? null : DestinationOf()?.TrimEnd('/');
        return new LiveStep.Opaque(image, _instruction, region, ReadsFiles: false, [.. reads], why);
    }

    /// <summary>Absolute, with a slash at the end when it is written as a directory; null when that is not known.</summary>
    private string? DestinationOf()
    {
        if (resolved.Words.Length < 2)
            return null;
        string written = resolved.Words[^1];
        bool isDirectory = written is "." or "" || written.EndsWith('/');
        string? path = written.StartsWith('/') ? ContextPath.Clean(written) : directory is null ? null : ContextPath.Clean($"{directory}/{written}");
        return path is null ? null : ChainReading.Rooted(path) + (isDirectory || path.Length == 0 ? "/" : "");
    }

    /// <summary>Bits beyond 0777 are kept by newer versions of BuildKit only.</summary>
    private (int? Mode, string? Doubt) ModeOf()
    {
        if (_instruction.Flag("chmod")?.Value is not { } chmod)
            return (null, null);
        bool isOctal = chmod.Length is > 0 and <= 5 && chmod.All(c => c is >= '0' and <= '7');
        return isOctal && Convert.ToInt32(chmod, 8) is <= 511 and var mode ? (mode, null) : (null, "sets permissions that cannot be repeated");
    }

    private static IgnoreRules? ExcludesOf(ResolvedInstruction resolved) => resolved.Excludes.IsEmpty ? null : IgnoreRules.Of(resolved.Excludes).Value;

    private static bool IsHeredoc(Instruction instruction, int word) =>
        !instruction.IsJson && instruction.Heredocs.Length > 0 && HeredocWords.Parse(instruction.Words[word].Text) is not null;

    private static bool IsAddress(ResolvedInstruction resolved, int word) => resolved.Instruction.Name == "ADD" && InputPatterns.IsAddress(resolved.Words[word]);

    private static bool IsSet(Instruction instruction, string flag) => instruction.Flag(flag) is { } set && !"false".Equals(set.Value, StringComparison.OrdinalIgnoreCase);

    private bool IsUnset(string flag) => "false".Equals(_instruction.Flag(flag)?.Value, StringComparison.OrdinalIgnoreCase);
}
