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

/// <summary>What is known of the programs that containers run.</summary>
public static class Entrypoints
{
    /// <param name="command">A program with its arguments, as a container runs it; <c>/bin/sh -c TEXT</c> is looked into.</param>
    public static FileAwareness AwarenessOf(ImmutableArray<string> command) => FileAwareness.None;
}
