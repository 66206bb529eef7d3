using System.Collections.Frozen;
using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>What BuildKit refuses in a single instruction.</summary>
internal static class InstructionRules
{
    private static readonly FrozenDictionary<string, Shape> Shapes = new Dictionary<string, Shape>
    {
        ["ADD"] = new(2, ["chown", "chmod", "link", "keep-git-dir", "checksum", "exclude", "unpack"]),
        ["ARG"] = new(1, []),
        ["CMD"] = new(0, []),
        ["COPY"] = new(2, ["chown", "chmod", "from", "link", "parents", "exclude"]),
        ["ENTRYPOINT"] = new(0, []),
        ["ENV"] = new(0, []),
        ["EXPOSE"] = new(1, []),
        ["FROM"] = new(0, ["platform"]),
        ["HEALTHCHECK"] = new(1, ["interval", "timeout", "start-period", "start-interval", "retries"]),
        ["LABEL"] = new(0, []),
        ["MAINTAINER"] = new(1, []),
        ["ONBUILD"] = new(0, []),
        ["RUN"] = new(0, ["mount", "network", "security", "device"]),
        ["SHELL"] = new(1, []),
        ["STOPSIGNAL"] = new(1, []),
        ["USER"] = new(1, []),
        ["VOLUME"] = new(1, []),
        ["WORKDIR"] = new(1, []),
    }.ToFrozenDictionary();

    private static readonly ImmutableHashSet<string> Repeatable = ["mount", "device", "exclude"];

    private static readonly ImmutableHashSet<string> Switches = ["link", "keep-git-dir", "parents", "unpack"];

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Names =
        Shapes.Keys.ToFrozenDictionary(n => n, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A name in upper case.</summary>
    public static string NameOf(ReadOnlySpan<char> written) => Names.TryGetValue(written, out string? name) ? name : written.ToString().ToUpperInvariant();

    public static bool IsKnown(string name) => Shapes.ContainsKey(name);

    public static void Check(Instruction instruction, ImmutableArray<Diagnostic>.Builder problems)
    {
        if (!Shapes.TryGetValue(instruction.Name, out Shape? shape))
        {
            string? nearest = NearestName.Of(instruction.Name, Shapes.Keys);
            problems.Add(DockerfileReader.Problem(instruction.Line.Span(0, Math.Min(instruction.Name.Length, instruction.Line.Text.Length)),
                $"unknown instruction `{instruction.Name}`", "not an instruction",
                nearest is null ? $"the instructions are {string.Join(", ", Shapes.Keys.Order(StringComparer.Ordinal))}" : $"an instruction with a similar name exists: `{nearest}`"));
            return;
        }
        CheckFlags(instruction, shape, problems);
        if (instruction.Words.Length < shape.Least)
            problems.Add(DockerfileReader.Problem(instruction.Span, $"`{instruction.Name}` needs {(shape.Least == 1 ? "an argument" : "at least two arguments")}", help: Usage(instruction.Name)));
        if (Refusal(instruction) is { } refusal)
            problems.Add(DockerfileReader.Problem(instruction.Span, refusal.Message, help: refusal.Help));
    }

    private static void CheckFlags(Instruction instruction, Shape shape, ImmutableArray<Diagnostic>.Builder problems)
    {
        if (instruction.Flags.IsEmpty || PassesOverFlags(instruction))
            return;
        var seen = new HashSet<string>();
        foreach (Flag flag in instruction.Flags)
        {
            SourceSpan at = flag.Whole.Span;
            if (!shape.Flags.Contains(flag.Name))
            {
                string? nearest = NearestName.Of(flag.Name, shape.Flags);
                problems.Add(DockerfileReader.Problem(at, $"unknown flag `--{flag.Name}` of `{instruction.Name}`", "not a flag of this instruction",
                    nearest is not null ? $"a flag with a similar name exists: `--{nearest}`"
                    : shape.Flags.IsEmpty ? $"`{instruction.Name}` takes no flags"
                    : $"the flags of `{instruction.Name}` are {string.Join(", ", shape.Flags.Select(f => $"`--{f}`"))}"));
            }
            else if (!seen.Add(flag.Name) && !Repeatable.Contains(flag.Name))
            {
                problems.Add(DockerfileReader.Problem(at, $"flag `--{flag.Name}` stands twice"));
            }
            else if (Switches.Contains(flag.Name))
            {
                if (flag.Value is not null && flag.Value.ToLowerInvariant() is not ("true" or "false"))
                    problems.Add(DockerfileReader.Problem(at, $"flag `--{flag.Name}` is true or false, not `{flag.Value}`"));
            }
            else if (flag.Value is null)
            {
                problems.Add(DockerfileReader.Problem(at, $"flag `--{flag.Name}` has no value", help: $"`--{flag.Name}=value`, without a space"));
            }
            else if (FlagRefusal(flag) is { } refusal)
            {
                problems.Add(DockerfileReader.Problem(at, refusal.Message, help: refusal.Help));
            }
        }
    }

    /// <summary>BuildKit takes any flag here and does not look at it.</summary>
    private static bool PassesOverFlags(Instruction instruction) =>
        instruction.Name is "ARG" or "STOPSIGNAL" || (instruction.Name == "HEALTHCHECK" && instruction.Words is [var kind, ..] && kind.Text.Equals("NONE", StringComparison.OrdinalIgnoreCase));

    private static (string Message, string? Help)? FlagRefusal(Flag flag) => flag.Name switch
    {
        "from" when flag.Value!.Contains('$') => ("variables are not expanded in `--from`; a stage `FROM ${...} AS name` takes them", null),
        "network" when flag.Value is not ("default" or "none" or "host") => ($"`--network` is default, none or host, not `{flag.Value}`", null),
        "security" when flag.Value is not ("insecure" or "sandbox") => ($"`--security` is sandbox or insecure, not `{flag.Value}`", null),
        "mount" => RunMount.Refusal(flag) is { } refusal ? (refusal, null) : null,
        "interval" or "timeout" or "start-period" or "start-interval" or "retries" => HealthcheckFlags.Refusal(flag.Name, flag.Value!),
        _ => null,
    };

    private static (string Message, string? Help)? Refusal(Instruction instruction)
    {
        ImmutableArray<Word> words = instruction.Words;
        switch (instruction.Name)
        {
            case "FROM":
                if (words.Length != 1 && (words.Length != 3 || !words[1].Text.Equals("AS", StringComparison.OrdinalIgnoreCase)))
                    return ($"`FROM` takes one argument or three, not {words.Length}", Usage("FROM"));
                if (words.Length == 3 && !IsStageName(words[2].Text))
                    return ($"invalid name `{words[2].Text}` of a build stage", "a stage name begins with a letter and goes on with letters, digits, `-`, `_` and `.`");
                return null;
            case "ENV" or "LABEL":
                if (instruction.ArgumentsStart == instruction.End)
                    return ($"`{instruction.Name}` needs an argument", Usage(instruction.Name));
                return BlankName(instruction);
            case "ARG":
                return BlankName(instruction);
            case "ADD" or "COPY" when words.Length > 1:
                if (!instruction.IsJson && HeredocWords.Parse(words[^1].Text) is not null)
                    return ($"a heredoc cannot be the destination of `{instruction.Name}`", null);
                return instruction.Name == "COPY" ? AddressInCopy(words) : null;
            case "SHELL" when !instruction.IsJson:
                return ("`SHELL` takes the JSON form only", "`SHELL [\"executable\", \"parameter\"]`");
            case "VOLUME" when words.Any(w => string.IsNullOrWhiteSpace(w.Text)):
                return ("a volume has an empty path", null);
            case "ONBUILD":
                return instruction.Trigger?.Name switch
                {
                    null => ("`ONBUILD` needs an instruction", Usage("ONBUILD")),
                    "ONBUILD" => ("`ONBUILD` cannot stand in `ONBUILD`", null),
                    "FROM" or "MAINTAINER" => ($"`{instruction.Trigger.Name}` cannot stand in `ONBUILD`", null),
                    _ => null,
                };
            case "HEALTHCHECK" when words.Length > 0:
                return words[0].Text.ToUpperInvariant() switch
                {
                    "NONE" when words.Length > 1 => ("`HEALTHCHECK NONE` takes no arguments", null),
                    "CMD" when words.Length == 1 => ("`HEALTHCHECK CMD` needs a command", null),
                    "NONE" or "CMD" => null,
                    _ => ($"unknown kind `{words[0].Text}` of `HEALTHCHECK`", "`HEALTHCHECK CMD command` or `HEALTHCHECK NONE`"),
                };
            default:
                return null;
        }
    }

    private static (string, string?)? BlankName(Instruction instruction)
    {
        foreach (NamedValue pair in instruction.Pairs)
        {
            if (pair.Name.Length == 0)
                return ($"a name of `{instruction.Name}` is blank", Usage(instruction.Name));
        }
        return null;
    }

    private static (string, string?)? AddressInCopy(ImmutableArray<Word> words)
    {
        for (int i = 0; i < words.Length - 1; i++)
        {
            if (words[i].Text is var source && (source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal)))
                return ($"`{source}` is an address, which `COPY` does not take", "`ADD` fetches addresses");
        }
        return null;
    }

    private static bool IsStageName(string name) =>
        char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string? Usage(string name) => name switch
    {
        "FROM" => "`FROM image` or `FROM image AS stage`",
        "COPY" or "ADD" => $"`{name} source ... destination`",
        "ENV" or "LABEL" => $"`{name} name=value ...`",
        "ARG" => "`ARG name` or `ARG name=default`",
        "ONBUILD" => "`ONBUILD RUN command`",
        "HEALTHCHECK" => "`HEALTHCHECK CMD command` or `HEALTHCHECK NONE`",
        _ => null,
    };

    /// <param name="Least">The least number of words.</param>
    private sealed record Shape(int Least, ImmutableArray<string> Flags);
}
