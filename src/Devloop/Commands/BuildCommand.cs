using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using Devloop.Cli.Terminal;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class BuildCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var names = NamesArgument.Of("IMAGE", "Images to build, with their bases; all when none is named");
        var push = new Option<bool>("--push") { Description = "Push every image to the registry, bases too" };
        var noCache = new Option<bool>("--no-cache") { Description = "Build every step anew, whatever is known" };
        var command = new Command("build", "Build images and their bases, bottom-up, and print what each became.") { names, push, noCache };
        CommandHelp.WithExamples(command,
            "devloop build",
            "devloop build api --push",
            "devloop build --output json | jq -r '.images[].reference'");
        command.SetAction(async (parsed, _) =>
        {
            Settings settings = globals.Read(parsed);
            var times = new BuildTimes();
            (int code, EngineState? state) = await RunCommand.RunAsync(new RunRequest
            {
                Settings = settings,
                Mode = RunMode.BuildOnly,
                Names = [.. parsed.GetValue(names) ?? []],
                Push = parsed.GetValue(push),
                NoCache = parsed.GetValue(noCache),
                // With JSON only the one closing document goes to stdout; progress stays for people on stderr.
                Face = settings.Json ? times.Beside(new PlainFace(settings.Consoles, settings.Verbose, _ => [])) : null,
            }).ConfigureAwait(false);
            if (state is not null)
                Print(settings, state, times);
            return code;
        });
        return command;
    }

    private static void Print(Settings settings, EngineState state, BuildTimes times)
    {
        var done = state.Project.Graph.BottomUp.Where(i => state.Images[i] is { Result: not null, Failure: null })
            .Select(i => (Image: state.Project.Image(i), Result: state.Images[i].Result!)).ToImmutableArray();
        if (settings.Json)
        {
            var images = new JsonArray([.. done.Select(d => (JsonNode)new JsonObject
            {
                ["image"] = d.Image.Name.Value,
                ["reference"] = ReferenceOf(d.Image.Target, d.Result, state.Options).Familiar,
                ["tag"] = d.Result.Tag.Value,
                ["digest"] = d.Result.Digest.Value,
                ["key"] = d.Result.Key.Value,
                ["outcome"] = OutcomeOf(d.Result),
                ["seconds"] = Math.Round(times.Of(d.Image.Name).TotalSeconds, 3),
            })]);
            settings.Consoles.Write(settings.Consoles.Out, new JsonObject { ["images"] = images }.ToJsonString(JsonShapes.Indented) + "\n");
            return;
        }
        foreach (var d in done)
            settings.Consoles.Write(settings.Consoles.Out, $"{ReferenceOf(d.Image.Target, d.Result, state.Options).Familiar}\t{d.Result.Digest}\t{OutcomeOf(d.Result)}\n");
    }

    private static string OutcomeOf(ImageResult result) => result.Kind.ToString().ToLowerInvariant();

    public static ImageReference ReferenceOf(ImageTarget image, ImageResult result, RunOptions options) =>
        options.Memory?.ImageAt(image.Selector.Reference, result.Tag) ?? image.Selector.Reference.WithTag(result.Tag.Value);

    /// <summary>Remembers how long each build took.</summary>
    private sealed class BuildTimes
    {
        private readonly Dictionary<ImageName, TimeSpan> _took = [];

        public TimeSpan Of(ImageName image) => _took.GetValueOrDefault(image);

        public IFace Beside(IFace face) => new Listener(face, _took);

        private sealed class Listener(IFace face, Dictionary<ImageName, TimeSpan> took) : IFace
        {
            public void Loaded(RunHeader header) => face.Loaded(header);

            public void Tell(News news, EngineState state)
            {
                if (news is News.BuildSucceeded built)
                    took[built.Image] = built.Took;
                face.Tell(news, state);
            }

            public void Tell(SideNews news) => face.Tell(news);

            public void Ended(RunOutcome outcome, EngineState state, TimeSpan time) => face.Ended(outcome, state, time);
        }
    }
}
