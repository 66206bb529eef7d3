using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// The text of what a target's build runs, in one canonical form: stages that are not needed, comments, formatting, the names of stages and
/// the way a base's name was put together do not show; the values of ARG do. Two Dockerfiles with the same text build the same from the
/// same inputs, bases and environment. The text is part of the content key: changing its form needs a new format version there.
/// </summary>
public static class DockerfileDigest
{
    /// <summary>The number of a stage that stands below the one that copies from it, which was reported as a problem.</summary>
    private const int NotReached = -1;

    public static string ReducedText(ResolvedDockerfile dockerfile)
    {
        var numbers = new Dictionary<int, int>();
        var text = new StringBuilder();
        foreach (ResolvedStage stage in dockerfile.Stages)
        {
            int number = numbers[stage.Index] = numbers.Count;
            text.Append(CultureInfo.InvariantCulture, $"STAGE {number}{(stage.Index == dockerfile.Target.Index ? " TARGET" : "")}\n");
            text.Append("FROM");
            if (stage.Platform is not null)
                AppendField(text, "--platform=" + stage.Platform);
            AppendField(text, stage.Parent is { } parent ? $"stage:{numbers[parent]}" : stage.BaseText);
            text.Append('\n');
            foreach (ResolvedInstruction instruction in stage.Instructions)
                Append(text, instruction, dockerfile.Dockerfile.Escape, numbers);
        }
        return text.ToString();
    }

    /// <summary>SHA-256 of the reduced text in lower-case hex.</summary>
    public static string Of(ResolvedDockerfile dockerfile) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ReducedText(dockerfile))));

    private static void Append(StringBuilder text, ResolvedInstruction resolved, char escape, Dictionary<int, int> numbers)
    {
        Instruction instruction = resolved.Instruction;
        text.Append(resolved.IsTrigger ? "TRIGGER " : "").Append(instruction.Name);
        // Only for the values that a base of which nothing is known may bring does it matter how a word is escaped.
        if (resolved.IsUncertain)
            AppendField(text, $"{escape}{instruction.Arguments}");
        foreach (Flag flag in instruction.Flags)
            AppendField(text, FlagText(flag, resolved, numbers));
        foreach (NamedValue pair in resolved.Pairs)
            AppendField(text, pair.Value is null ? pair.Name : $"{pair.Name}={pair.Value}");
        if (instruction.IsJson)
            AppendField(text, "json");
        foreach (string word in resolved.Words)
            AppendField(text, word);
        if (instruction.Trigger is { } trigger)
            AppendField(text, TriggerText(trigger));
        foreach ((Heredoc heredoc, string body) in instruction.Heredocs.Zip(resolved.Bodies))
        {
            AppendField(text, heredoc.Name + (heredoc.StripsTabs ? "-" : ""));
            AppendField(text, body);
        }
        text.Append('\n');
    }

    private static string FlagText(Flag flag, ResolvedInstruction resolved, Dictionary<int, int> numbers)
    {
        if (flag.Name == "from" && resolved.FromStage is { } stage)
            return $"--from=stage:{numbers.GetValueOrDefault(stage, NotReached)}";
        if (flag.Name != "mount")
            return flag.Whole.Text;
        int index = resolved.Instruction.FlagsNamed("mount").TakeWhile(f => f != flag).Count();
        string mount = index < resolved.Mounts.Length && resolved.Mounts[index] is { FromStage: { } from } ? $" stage:{numbers.GetValueOrDefault(from, NotReached)}" : "";
        IEnumerable<string> fields = (RunMount.Fields(flag) ?? ImmutableArray<RunMount.Field>.Empty)
            .Where(f => f.Key != "from" || mount.Length == 0)
            .Select(f => f.Value is null ? f.Key : $"{f.Key}={f.Value}");
        return $"--mount={string.Join(',', fields)}{mount}";
    }

    /// <summary>A trigger is recorded in the image as it is written.</summary>
    private static string TriggerText(Instruction trigger) =>
        string.Join(' ', [trigger.Name, .. trigger.Flags.Select(f => f.Whole.Text), trigger.Arguments, .. trigger.Heredocs.Select(h => $"{h.Name}\n{h.Content}")]);

    /// <summary>The length before each field keeps two different lists of fields apart.</summary>
    private static void AppendField(StringBuilder text, string field) =>
        text.Append(CultureInfo.InvariantCulture, $" {field.Length}:{field}");
}
