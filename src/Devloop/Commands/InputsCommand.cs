using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Cli.Setup;
using Devloop.Cli.Terminal;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;

namespace Devloop.Cli.Commands;

internal static class InputsCommand
{
    public static Command Create(GlobalOptions globals)
    {
        var name = new Argument<string>("IMAGE") { Description = "The image" };
        var command = new Command("inputs", "Print the content key, the inputs and the bases of an image: all that decides whether it is built. Changes nothing.") { name };
        CommandHelp.WithExamples(command,
            "devloop inputs api",
            "devloop inputs api --output json | jq -r '.files[]'");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Settings settings = globals.Read(parsed);
            var source = new ProjectSource(settings);
            if (source.LoadOrShow(settings) is not { } whole)
                return ExitCode.Usage;
            var image = new ImageName(parsed.GetValue(name)!);
            Parsed<ResolvedProject> chosen = Selection.OfImages(whole, [image.Value]);
            if (!chosen.TryGet(out ResolvedProject? project))
            {
                Report.Show(settings, chosen.Diagnostics);
                return ExitCode.Usage;
            }
            await using DryRun run = await DryRun.StartAsync(settings, source, project, cancellationToken).ConfigureAwait(false);
            Parsed<ImmutableSortedDictionary<ImageName, Planner.Found>> looked =
                await new Planner(run.World, project, new RunOptions { Mode = RunMode.BuildOnly }, null, "").LookAsync(cancellationToken).ConfigureAwait(false);
            if (!looked.TryGet(out ImmutableSortedDictionary<ImageName, Planner.Found>? found))
            {
                Report.Show(settings, looked.Diagnostics);
                return looked.Diagnostics.Any(d => d.Code == DiagnosticCode.EngineUnreachable) ? ExitCode.Environment : ExitCode.BuildFailed;
            }
            string? unknown = WhyNoKey(project, found, image, run.Why);
            settings.Consoles.Write(settings.Consoles.Out, settings.Json
                ? Json(found[image].Fingerprint, unknown is null).ToJsonString(JsonShapes.Indented) + "\n"
                : Text(found, image, unknown, settings.Consoles.OutPalette));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Null when the key is known.</summary>
    private static string? WhyNoKey(ResolvedProject project, ImmutableSortedDictionary<ImageName, Planner.Found> found, ImageName image, Diagnostic? noEngine)
    {
        ImageName[] open = [.. project.Graph.Bases(image).Where(b => found[b].Digest is null)];
        if (noEngine is not null && (open.Length > 0 || !found[image].Fingerprint.Image.ExternalBases.IsEmpty))
            return $"not known: {noEngine.Message}";
        return open.Length == 0 ? null : $"known once {string.Join(", ", open)} {(open.Length == 1 ? "is" : "are")} built";
    }

    private static JsonObject Json(Fingerprint fingerprint, bool keyIsKnown) => new()
    {
        ["image"] = fingerprint.Image.Name.Value,
        ["context"] = fingerprint.Image.Target.Context,
        ["dockerfile"] = fingerprint.Image.DockerfileName,
        ["target"] = fingerprint.Image.Target.Target,
        ["key"] = keyIsKnown ? fingerprint.Key.Value : null,
        ["files"] = JsonShapes.List(Files(fingerprint).Select(f => f.Path)),
        ["bases"] = new JsonArray([.. fingerprint.Image.Dockerfile.Bases.Select(m => (JsonNode)new JsonObject
        {
            ["reference"] = m.Text,
            ["image"] = fingerprint.Image.BaseAt(m)?.Value,
        })]),
    };

    /// <summary>Files and links, sorted by their paths; directories count by what is in them.</summary>
    private static IEnumerable<ContextEntry> Files(Fingerprint fingerprint) =>
        fingerprint.Context.Entries.Where(e => e.Kind != EntryKind.Directory).OrderBy(e => e.Path, StringComparer.Ordinal);

    private static string Text(ImmutableSortedDictionary<ImageName, Planner.Found> found, ImageName name, string? unknown, Palette palette)
    {
        Fingerprint fingerprint = found[name].Fingerprint;
        ImageDefinition image = fingerprint.Image;
        ContextEntry[] files = [.. Files(fingerprint)];
        var text = new StringBuilder();
        Line(text, "image", image.Name.Value + (found[name].Digest is { } digest ? $"  {ContentTag.Of(digest)}" : ""));
        Line(text, "key", unknown ?? fingerprint.Key.Value);
        Line(text, "context", image.Target.Context);
        Line(text, "dockerfile", image.DockerfileName + (image.Target.Target is { } target ? $", target {target}" : ""));
        foreach (ImageMention mention in image.Dockerfile.Bases)
        {
            string what = image.BaseAt(mention) is not { } known ? "from elsewhere"
                : found[known].Digest is { } tagged ? $"image of the project, {ContentTag.Of(tagged)}" : "image of the project, to be built";
            Line(text, "base", $"{mention.Text}  {palette.Dim($"{what} ({image.DockerfileName}:{mention.Span.Line})")}");
        }
        Line(text, "inputs", $"{Count.Of(files.Length, "file")}, {files.Sum(f => f.Size)} bytes");
        foreach (ContextEntry file in files)
        {
            BuildReason.FileChanged? by = image.Reads(ProjectPath.Join(image.Target.Context, file.Path));
            text.Append("  ").Append(file.Path).Append(by?.Instruction is { } reader ? palette.Dim($"  {reader}{(by.Line is { } line ? $" ({image.DockerfileName}:{line})" : "")}") : "").Append('\n');
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, string name, string value) => text.Append(name.PadRight(12)).Append(value).Append('\n');
}
