using System.Collections.Immutable;

namespace Devloop.Planning.Live;

/// <summary>A program by its own name, without the directory it is in.</summary>
internal sealed record ProgramCall(string Name, ImmutableArray<string> Arguments)
{
    /// <summary>Something ran before it that may have made something of files, which nobody does again.</summary>
    public bool IsPrepared { get; init; }
}

/// <summary>Finds the program that a command ends up as: shells, launchers and what only sets the scene are looked through.</summary>
internal static class CommandLines
{
    /// <summary>No honest command goes through as many.</summary>
    private const int MostWrappers = 20;

    private static readonly ImmutableHashSet<string> Shells = ["sh", "bash", "ash", "dash", "zsh", "ksh"];

    /// <summary>The program stands behind their flags.</summary>
    private static readonly ImmutableHashSet<string> Plain =
        ["exec", "command", "nohup", "busybox", "tini", "dumb-init", "catatonit", "docker-init", "docker-entrypoint.sh", "docker-entrypoint", "docker-php-entrypoint", "npx", "bunx", "stdbuf", "setsid", "nice", "ionice"];

    /// <summary>The user stands before the program.</summary>
    private static readonly ImmutableHashSet<string> WithUser = ["gosu", "su-exec"];

    /// <summary>Flags that have a value behind them.</summary>
    private static readonly ImmutableHashSet<string> Valued = ["-u", "-n", "-s", "-p", "-e", "-c", "-i", "-o", "--package", "--unset", "--rewrite", "--adjustment"];

    /// <summary>A program that runs others under a word of its own, such as <c>poetry run</c>.</summary>
    private static readonly ImmutableHashSet<string> Runners =
        ["npm exec", "npm x", "pnpm exec", "pnpm dlx", "pnpm run", "yarn run", "yarn exec", "yarn dlx", "bun x", "poetry run", "pipenv run", "uv run", "pdm run", "hatch run", "rye run", "bundle exec", "dotnet tool run"];

    /// <returns>Null when it cannot be told.</returns>
    public static ProgramCall? Program(ImmutableArray<string> command)
    {
        ReadOnlySpan<string> words = command.AsSpan();
        ImmutableArray<string> text = [];
        bool prepared = false;
        for (int i = 0; i < MostWrappers && words.Length > 0; i++)
        {
            string name = words[0][(words[0].LastIndexOf('/') + 1)..];
            if (Shells.Contains(name))
            {
                if (TextOf(words[1..]) is not { } script || ShellWords.LastCommand(script, out bool prepares) is not { } last)
                    return null;
                prepared |= prepares;
                text = last;
                words = text.AsSpan();
            }
            else if (IsAssignment(words[0]))
            {
                words = words[1..];
            }
            else if (name == "env")
            {
                words = AfterFlags(words[1..]);
            }
            else if (name == "helper" && words.IndexOf("--") is > 0 and var end)
            {
                words = words[(end + 1)..];
            }
            else if (WithUser.Contains(name) && words.Length > 1)
            {
                words = words[2..];
            }
            else if (Plain.Contains(name))
            {
                words = AfterFlags(words[1..]);
            }
            else if (RunnerLength(name, words) is > 0 and var skipped)
            {
                words = AfterFlags(words[skipped..]);
            }
            else
            {
                return new ProgramCall(name, [.. words[1..]]) { IsPrepared = prepared };
            }
        }
        return null;
    }

    /// <summary>How many words of a runner stand before what it runs; 0 when it is none.</summary>
    private static int RunnerLength(string name, ReadOnlySpan<string> words)
    {
        if (words.Length > 2 && Runners.Contains($"{name} {words[1]}"))
            return 2;
        if (words.Length > 3 && Runners.Contains($"{name} {words[1]} {words[2]}"))
            return 3;
        // Yarn takes the name of a program for a command of its own; what is none of the known ones may be a script.
        return name is "yarn" or "pnpm" && words.Length > 1 && !words[1].StartsWith('-') ? 1 : 0;
    }

    /// <summary>The text after <c>-c</c>, which may stand among other letters, as in <c>-ec</c>.</summary>
    private static string? TextOf(ReadOnlySpan<string> words)
    {
        for (int i = 0; i + 1 < words.Length; i++)
        {
            if (!words[i].StartsWith('-') || words[i].StartsWith("--", StringComparison.Ordinal))
                return null;
            if (words[i].EndsWith('c'))
                return words[i + 1];
        }
        return null;
    }

    private static ReadOnlySpan<string> AfterFlags(ReadOnlySpan<string> words)
    {
        while (words.Length > 0 && words[0].StartsWith('-'))
        {
            if (words[0] == "--")
                return words[1..];
            words = words[(Valued.Contains(words[0]) && words.Length > 1 ? 2 : 1)..];
        }
        return words;
    }

    private static bool IsAssignment(string word)
    {
        int equals = word.IndexOf('=');
        return equals > 0 && !char.IsAsciiDigit(word[0]) && word[..equals].All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
    }
}
