using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>live_update:</c> of an image: <c>auto</c>, a mapping of it, or a list of steps.</summary>
internal static class LiveUpdateSection
{
    private const string Key = "live_update";
    private const string Noun = "a step of `live_update`";

    /// <summary>The steps, in the order of what they mean; a list may have them in any order.</summary>
    private static readonly ImmutableArray<string> Steps = ["fall_back_on", "sync", "run", "restart", "initial_sync", "image"];

    public static LiveUpdate? Read(Section image)
    {
        switch (image.Find(Key))
        {
            case null:
                return null;
            case YamlSequence list:
                return Declared(image, list);
            case YamlMapping map when map.Entries.FirstOrDefault(e => Steps.Contains(e.Key.Value) && e.Key.Value is not ("restart" or "image")) is { } step:
                image.Report(Diagnostic.Error(DiagnosticCode.WrongType, $"the steps of `{Key}` of {image.What} are a list") with
                {
                    At = step.Key.At,
                    Help = $"each step begins with a hyphen: `- {step.Key.Value}: ...`",
                });
                return null;
            case YamlMapping:
                return Inferred(image.Sub(Key)!, image);
            case YamlScalar { Value: "auto" }:
                return new LiveUpdate.Inferred { Restart = RestartPolicy.Auto, At = image.Place(Key) };
            case { } node:
                image.Wrong(node, $"`{Key}` of {image.What} is `auto`, a mapping or a list of steps", "`auto` goes by what the Dockerfile says, `- sync: {from: src, to: /app/src}` by what the config does");
                return null;
        }
    }

    private static LiveUpdate.Inferred Inferred(Section section, Section image)
    {
        if (section.Text("mode") is { } mode and not "auto")
            section.Bad("mode", $"`{mode}` is not a mode of `{Key}`", null, "the mode is `auto`; steps of your own are a list");
        var inferred = new LiveUpdate.Inferred
        {
            Image = ImagePolicy(section),
            Restart = Restart(section, RestartPolicy.Auto),
            At = image.Place(Key),
        };
        section.Finish();
        return inferred;
    }

    private static LiveUpdate.Declared? Declared(Section image, YamlSequence list)
    {
        var syncs = ImmutableArray.CreateBuilder<SyncStep>();
        var runs = ImmutableArray.CreateBuilder<RunStep>();
        var fallBackOn = ImmutableArray.CreateBuilder<FallBackStep>();
        var once = new Dictionary<string, Section>(StringComparer.Ordinal);
        foreach (YamlNode item in list.Items)
        {
            if (StepIn(image, item) is not { } step)
                continue;
            switch (step.Name)
            {
                case "sync" when Sync(step.Section) is { } sync:
                    syncs.Add(sync);
                    break;
                case "run" when Run(step.Section) is { } run:
                    runs.Add(run);
                    break;
                case "fall_back_on":
                    fallBackOn.AddRange(step.Section.Items("fall_back_on")
                        .Select(n => (n.At, Path: step.Section.AsText(n, "an entry of `fall_back_on`"))).Where(e => e.Path is not null)
                        .Select(e => new FallBackStep(ProjectPath.Clean(e.Path!), e.At)));
                    break;
                case "restart" or "initial_sync" or "image" when !once.TryAdd(step.Name, step.Section):
                    image.Report(Diagnostic.Error(DiagnosticCode.DuplicateKey, $"`{step.Name}` stands twice in `{Key}` of {image.What}") with
                    {
                        At = step.Section.Place(step.Name),
                        Label = $"first on line {once[step.Name].Place(step.Name)!.Line}",
                        Help = "one of the two goes",
                    });
                    break;
            }
        }
        // A step that was there and broken was reported already.
        if (syncs.Count == 0 && !list.Items.OfType<YamlMapping>().Any(m => m.Entries.Any(e => e.Key.Value == "sync")))
        {
            image.Report(Diagnostic.Error(DiagnosticCode.NothingToSync, $"`{Key}` of {image.What} syncs nothing") with
            {
                At = image.Place(Key),
                Help = "`- sync: {from: src, to: /app/src}` says what containers get",
            });
        }
        return new LiveUpdate.Declared
        {
            Syncs = syncs.ToImmutable(),
            Runs = runs.ToImmutable(),
            FallBackOn = fallBackOn.ToImmutable(),
            Restart = once.TryGetValue("restart", out Section? restart) ? Restart(restart, RestartPolicy.Never) : RestartPolicy.Never,
            InitialSync = once.TryGetValue("initial_sync", out Section? initial) && initial.Flag("initial_sync"),
            Image = once.TryGetValue("image", out Section? policy) ? ImagePolicy(policy) : LiveImagePolicy.Background,
            At = image.Place(Key),
        };
    }

    /// <summary>The one step that an entry of the list is; null when that was reported.</summary>
    private static (string Name, Section Section)? StepIn(Section image, YamlNode item)
    {
        if (item is not YamlMapping map)
        {
            image.Wrong(item, $"{Noun} of {image.What} is a mapping", "`- sync: {from: src, to: /app/src}` is a step");
            return null;
        }
        Section section = image.Inside(map, Noun);
        string[] named = [.. Steps.Where(section.Has)];
        section.Finish();
        if (named.Length > 1)
        {
            image.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"{Noun} has both `{named[0]}` and `{named[1]}`") with
            {
                At = section.Place(named[1]),
                Help = "each step begins with a hyphen of its own",
            });
            return null;
        }
        if (named.Length == 0 && map.Entries.All(e => Steps.Contains(e.Key.Value)))
            image.Wrong(map.Entries is [var entry, ..] ? entry.Value : map, $"{Noun} of {image.What} says nothing", "`- sync: {from: src, to: /app/src}` is a step");
        return named is [var name] ? (name, section) : null;
    }

    private static SyncStep? Sync(Section step)
    {
        if (step.Sub("sync") is not { } section)
            return null;
        string? from = Needed(section, "from"), to = Needed(section, "to");
        section.Finish("a `sync`");
        if (from?.AsSpan().IndexOfAny("*?") >= 0)
        {
            section.Bad("from", $"`{from}` in `sync` is a pattern", "expected a path", "`sync` takes a file or a directory with all that is in it");
            from = null;
        }
        if (to is not null && !to.StartsWith('/'))
        {
            section.Bad("to", $"`{to}` in `sync` is not absolute", "expected a path from the root of the container", $"`to: /{(to.StartsWith("./", StringComparison.Ordinal) ? to[2..] : to)}` begins at the root");
            return null;
        }
        return from is null || to is null ? null : new SyncStep(ProjectPath.Clean(from), Target(to), step.Place("sync"));
    }

    private static string? Needed(Section section, string key)
    {
        if (section.Text(key) is { } text)
            return text;
        if (!section.Has(key))
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, $"`sync` has no `{key}`") with { At = section.At, Help = "`sync: {from: src, to: /app/src}` has both" });
        return null;
    }

    /// <summary>Clean, but for a slash at the end, which keeps the name of a file.</summary>
    private static string Target(string to) => ProjectPath.Clean(to) is var path && to.EndsWith('/') && path != "/" ? path + "/" : path;

    private static RunStep? Run(Section step)
    {
        if (step.Find("run") is not YamlMapping)
            return LocalSection.Command(step, "run") is { } alone ? new RunStep(alone, [], step.Place("run")) : null;
        Section section = step.Sub("run")!;
        CommandWords? command = LocalSection.Command(section, "command");
        if (!section.Has("command"))
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`run` has no `command`") with { At = section.At, Help = "`run: {command: npm install, on: [package.json]}` has one" });
        ImmutableArray<string> on = [.. section.Texts("on").Select(ProjectPath.Clean)];
        section.Finish("a `run`");
        return command is null ? null : new RunStep(command, on, step.Place("run"));
    }

    private static RestartPolicy Restart(Section section, RestartPolicy otherwise)
    {
        switch (section.Text("restart"))
        {
            case null:
                return otherwise;
            case "auto":
                return RestartPolicy.Auto;
            case "always" or "true" or "True" or "TRUE":
                return RestartPolicy.Always;
            case "never" or "false" or "False" or "FALSE":
                return RestartPolicy.Never;
            case { } other:
                section.Bad("restart", $"`{other}` does not say when to restart", null, "`restart` is `auto`, `always` (or `true`) or `never` (or `false`)");
                return otherwise;
        }
    }

    private static LiveImagePolicy ImagePolicy(Section section)
    {
        switch (section.Text("image"))
        {
            case null or "background":
                return LiveImagePolicy.Background;
            case "on_restart":
                return LiveImagePolicy.OnRestart;
            case "never":
                return LiveImagePolicy.Never;
            case { } other:
                section.Bad("image", $"`{other}` does not say when to build the image", null, "`image` is `background`, `on_restart` or `never`");
                return LiveImagePolicy.Background;
        }
    }
}
