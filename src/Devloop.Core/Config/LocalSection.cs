using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>local:</c>, the commands of this machine that take part in the graph.</summary>
internal static class LocalSection
{
    public static ImmutableArray<LocalCommand> Read(Section top, ICollection<Diagnostic> problems) =>
        [.. (top.Sub("local")?.Entries ?? []).Select(e => Read(e, problems)).OfType<LocalCommand>()];

    private static LocalCommand? Read(YamlEntry entry, ICollection<Diagnostic> problems)
    {
        string name = entry.Key.Value;
        if (entry.Value is not YamlMapping map)
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, $"local command `{name}` is a mapping") with
            {
                At = entry.Value.At,
                Help = "`{command: make gen, deps: [proto]}` says what to run, and when",
            });
            return null;
        }
        var section = new Section(map, $"local command `{name}`", problems);
        string directory = ProjectPath.Clean(section.Text("dir") ?? ".");
        ImmutableSortedDictionary<string, string> environment = Environment(section, "env");
        var local = new LocalCommand
        {
            Name = new ResourceName(name),
            Command = Command(section, "command"),
            Serve = Command(section, "serve"),
            Teardown = Command(section, "teardown"),
            Deps = [.. section.Texts("deps").Select(ProjectPath.Clean)],
            Ignore = section.Texts("ignore"),
            Produces = [.. Produces(section)],
            Directory = directory,
            ServeDirectory = section.Text("serve_dir") is { } serves ? ProjectPath.Clean(serves) : directory,
            Environment = environment,
            ServeEnvironment = environment.SetItems(Environment(section, "serve_env")),
            Readiness = ReadinessSection.Read(section),
            Settings = new ResourceSettings
            {
                DependsOn = [.. section.Texts("depends_on").Select(n => new ResourceName(n))],
                Labels = section.Texts("labels"),
                Links = section.Texts("links"),
                AutoStart = section.Flag("auto_start", otherwise: true),
                AutoTrigger = ResourceSection.Trigger(section),
                At = entry.Key.At,
            },
            At = entry.Key.At,
        };
        Check(section, local);
        section.Finish("a local command");
        return local;
    }

    private static void Check(Section section, LocalCommand local)
    {
        if (!section.Has("command") && !section.Has("serve"))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.LocalWithoutCommand, $"local command `{local.Name}` has neither `command` nor `serve`") with
            {
                At = local.At,
                Help = "`command` runs to its end, `serve` until it is stopped; a local command has one of them, or both",
            });
        }
        if (local.Readiness is not null && !section.Has("serve"))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"local command `{local.Name}` has `readiness` and nothing to `serve`") with
            {
                At = section.Place("readiness"),
                Help = "what only runs to its end is done when it ends: `readiness` goes, or the command stands under `serve`",
            });
        }
    }

    /// <summary>A text goes to a shell, a list runs as it is.</summary>
    internal static CommandWords? Command(Section section, string key)
    {
        switch (section.Find(key))
        {
            case null:
                return null;
            case YamlSequence { Items.IsEmpty: false }:
                ImmutableArray<string> words = section.Texts(key);
                return words.IsEmpty ? null : new CommandWords(words, Shell: false);
            case YamlScalar { IsNull: false, Value: var text } when !string.IsNullOrWhiteSpace(text):
                return new CommandWords([text], Shell: true);
            case { } node:
                section.Wrong(node, $"`{key}` of {section.What} is a text or a list of words", "a text goes to a shell, a list is run as it is: `[make, gen]`");
                return null;
        }
    }

    private static ImmutableSortedDictionary<string, string> Environment(Section section, string key) =>
        section.TextMap(key, nulls: false).ToImmutableSortedDictionary(e => e.Key, e => e.Value!, StringComparer.Ordinal);

    /// <summary>What lies outside of the project is nobody's input, and a wildcard would make everything an output.</summary>
    private static IEnumerable<string> Produces(Section section)
    {
        foreach (YamlNode node in section.Items("produces"))
        {
            if (section.AsText(node, "an entry of `produces`") is not { } text)
                continue;
            string path = ProjectPath.Clean(text);
            bool wild = path.AsSpan().IndexOfAny("*?") >= 0;
            if (!wild && path is not "." && !ProjectPath.IsAbsolute(path) && !path.StartsWith("..", StringComparison.Ordinal))
            {
                yield return path;
                continue;
            }
            section.Report(Diagnostic.Error(DiagnosticCode.BadProduces, $"`{text}` in `produces` of {section.What} {(wild ? "has wildcards" : "is not below the project")}") with
            {
                At = node.At,
                Help = "`produces` names files and directories below the config that the command writes",
            });
        }
    }
}
