using System.Globalization;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>A local command with the rules of what it reads.</summary>
public sealed class LocalDefinition
{
    internal LocalDefinition(string root, LocalCommand command, IgnoreRules ignore, Func<string, bool> isDirectory)
    {
        Command = command;
        Inputs = new LocalInputs(root, command, ignore, isDirectory);
        Hash = HashOf(command);
    }

    public LocalCommand Command { get; }

    public LocalInputs Inputs { get; }

    /// <summary>A hash of what runs: when it is another, the command runs again.</summary>
    public string Hash { get; }

    /// <summary>What the command was run for: equal keys mean that nothing it reads has changed.</summary>
    /// <param name="deps">What it reads, as it was read; null when it reads nothing.</param>
    public DeployKey KeyWith(ContextSnapshot? deps)
    {
        using FieldHash hash = new FieldHash().Add("command", Hash).Add("deps", deps?.Hash.ToString());
        return new DeployKey(hash.ToHex());
    }

    /// <summary>Whether the config says the same of what does not run: what it reads and writes, and how it is taken down.</summary>
    internal bool SameRules(LocalDefinition other) =>
        Command.Deps.SequenceEqual(other.Command.Deps) && Command.Ignore.SequenceEqual(other.Command.Ignore) && Command.Produces.SequenceEqual(other.Command.Produces)
        && (Command.Teardown?.SameAs(other.Command.Teardown) ?? other.Command.Teardown is null);

    private static string HashOf(LocalCommand local)
    {
        using FieldHash hash = new();
        Add(hash, "command", local.Command);
        Add(hash, "serve", local.Serve);
        hash.Add("dir", local.Directory).Add("serve dir", local.ServeDirectory);
        foreach ((string name, string value) in local.Environment)
            hash.Add("env " + name, value);
        foreach ((string name, string value) in local.ServeEnvironment)
            hash.Add("serve env " + name, value);
        if (local.Readiness is { } probe)
            Add(hash, probe);
        return hash.ToHex();
    }

    private static void Add(FieldHash hash, string name, CommandWords? words)
    {
        hash.Add(name, words is null ? null : words.Shell ? "shell" : "words");
        foreach (string word in words?.Words ?? [])
            hash.Add("word", word);
    }

    private static void Add(FieldHash hash, ReadinessProbe probe)
    {
        switch (probe.Check)
        {
            case ReadinessCheck.Exec exec:
                Add(hash, "exec", exec.Command);
                break;
            case ReadinessCheck.Http http:
                hash.Add("http", string.Create(CultureInfo.InvariantCulture, $"{http.Scheme}://{http.Host}:{http.Port}{http.Path}"));
                break;
            case ReadinessCheck.Tcp tcp:
                hash.Add("tcp", string.Create(CultureInfo.InvariantCulture, $"{tcp.Host}:{tcp.Port}"));
                break;
        }
        hash.Add("times", string.Create(CultureInfo.InvariantCulture,
            $"{probe.InitialDelay.Ticks} {probe.Period.Ticks} {probe.Timeout.Ticks} {probe.FailureThreshold} {probe.SuccessThreshold}"));
    }
}
