using System.Collections.Immutable;

namespace Devloop.Planning.Live;

/// <summary>What a program does about files that change while it runs.</summary>
public enum FileAwareness
{
    /// <summary>Nothing: it has to be started again.</summary>
    None,

    /// <summary>It reads what it serves at each request; its own settings it reads at its start.</summary>
    ServesFiles,

    /// <summary>It watches its files and starts anew by itself.</summary>
    Watches,
}

/// <summary>What is known of the programs that containers run. Of one that is not known it is taken that it notices nothing: a restart too many does no harm.</summary>
public static class Entrypoints
{
    /// <summary>Names of files that servers read at their start.</summary>
    private static readonly ImmutableArray<string> SettingsEnds = [".conf", ".ini", ".cnf", "Caddyfile", ".htpasswd"];

    /// <param name="command">A program with its arguments, as a container runs it; <c>/bin/sh -c TEXT</c> is looked into.</param>
    public static FileAwareness AwarenessOf(ImmutableArray<string> command)
    {
        if (CommandLines.Program(command) is not { } program)
            return FileAwareness.None;
        FileAwareness own = KnownPrograms.AwarenessOf(program.Name, program.Arguments);
        // What it serves may have been made, at the start, of the files that change.
        return program.IsPrepared && own == FileAwareness.ServesFiles ? FileAwareness.None : own;
    }

    /// <summary>Whether a container's process is started again.</summary>
    /// <param name="need">What the rules ask for.</param>
    /// <param name="paths">What changes in the container, absolute.</param>
    public static bool Restarts(RestartNeed need, FileAwareness awareness, IEnumerable<string> paths) => need switch
    {
        RestartNeed.No => false,
        RestartNeed.Yes => true,
        _ => awareness == FileAwareness.None || (awareness == FileAwareness.ServesFiles && paths.Any(IsSettings)),
    };

    private static bool IsSettings(string path) =>
        path.StartsWith("/etc/", StringComparison.Ordinal) || SettingsEnds.Any(e => path.EndsWith(e, StringComparison.Ordinal));
}
