using System.Globalization;
using System.Runtime.CompilerServices;
using Devloop.Engine;
using Devloop.Ports;

namespace Devloop.Testing.Recorded;

/// <summary>
/// What an engine said of real builds, with the time of each line: <c>pulled</c> had nothing and pulls its base, <c>cached</c> is the same again,
/// <c>failed</c> has two stages side by side of which one fails. Digests are shortened to 8 digits.
/// </summary>
public static class RecordedBuild
{
    public static IReadOnlyList<(TimeSpan At, BuildProgress Said)> Read(string name)
    {
        var names = new Dictionary<string, string>();
        return [.. File.ReadLines(Path.Combine(Folder(), name + ".txt")).Select(line => Line(line.Split(' '), names))];
    }

    /// <summary>The steps when a recorded build is over.</summary>
    public static BuildSteps Steps(string name) => Steps(name, TimeSpan.MaxValue).AtEnd();

    /// <summary>The steps as they stood at a moment.</summary>
    public static BuildSteps Steps(string name, TimeSpan until) =>
        Read(name).TakeWhile(r => r.At <= until).Aggregate(BuildSteps.None, (steps, r) => steps.With(r.Said, r.At));

    private static (TimeSpan At, BuildProgress Said) Line(string[] words, Dictionary<string, string> names)
    {
        string id = words[2], rest = string.Join(' ', words.Skip(3));
        if (words[1] == "started")
            names[id] = rest;
        BuildProgress said = words[1] switch
        {
            "started" => new BuildProgress.StepStarted(id, rest),
            "finished" or "cached" or "failed" => new BuildProgress.StepFinished(id, names[id], Seconds(rest), words[1] == "cached", words[1] == "failed" ? "exit code 3" : null),
            "transfer" => new BuildProgress.Transfer(id, string.Join(' ', words.Skip(6)), Number(words[3]), Number(words[4]), words[5] == "done"),
            "upload" => new BuildProgress.Upload((int)Number(words[2]), Number(words[3]), Number(words[4]), words[5] == "done"),
            _ => new BuildProgress.Output(id, rest, IsError: false),
        };
        return (Seconds(words[0]), said);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
