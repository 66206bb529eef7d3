using System.Globalization;
using System.Text.RegularExpressions;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>What kustomize and helm say when they fail, as a diagnostic at the place that they mean.</summary>
internal static partial class ToolMessages
{
    public static Diagnostic Missing(RenderedManifests source, string program) =>
        Diagnostic.Error(DiagnosticCode.ToolMissing, $"`{program}` is not installed, which renders {source.Named}") with
        {
            At = source.At,
            Help = source is RenderedManifests.Helm
                ? "install helm (https://helm.sh/docs/intro/install/) so that it stands on the `PATH`"
                : "install kustomize, or kubectl, which has it built in (https://kubernetes.io/docs/tasks/tools/), so that it stands on the `PATH`",
        };

    public static Diagnostic Failed(RenderedManifests source, ManifestToolResult.Failed failed, IFileTree files) => source switch
    {
        RenderedManifests.Helm helm => Helm(helm, failed, files),
        _ => Kustomize((RenderedManifests.Kustomize)source, failed, files),
    };

    private static Diagnostic Helm(RenderedManifests.Helm source, ManifestToolResult.Failed failed, IFileTree files)
    {
        string said = Plain(failed.Error);
        (SourceSpan? at, string text) = (null, said);
        // Each helper that includes another is named before it: the last one is where it went wrong.
        if (InTemplate().Matches(said) is { Count: > 0 } places)
        {
            Match place = places[^1];
            text = said[(place.Index + place.Length)..].TrimStart(':', ')', ' ');
            text = Executing().Replace(text, "");
            if (Open(ChartFile(source, place.Groups["file"].Value), files) is { } template)
            {
                int line = Number(place, "line") ?? 1, column = Number(place, "column") ?? 0;
                SourceSpan whole = template.Line(line);
                at = column < whole.Length ? template.Span(template.LineStart(line) + column, whole.Length - column) : whole;
            }
        }
        else if (RenderedYaml().Match(said) is { Success: true } yaml)
        {
            text = $"it renders YAML that does not read: {yaml.Groups["what"].Value}";
            at = Open(ChartFile(source, yaml.Groups["file"].Value), files)?.Span(0, 0);
            // Helm counts the lines of what came out, not those of the template.
            if (Number(yaml, "line") is { } line)
                text += string.Create(CultureInfo.InvariantCulture, $" (line {line} of the output)");
        }
        return Diagnostic.Error(DiagnosticCode.RenderFailed, $"helm could not render {source.Named}: {text}") with
        {
            At = at ?? source.At,
            Notes = [$"the command was `{failed.Command}`"],
            Help = said.Contains("missing in charts/", StringComparison.Ordinal) ? $"`helm dependency build {source.Chart}` fetches the charts that it depends on" : null,
        };
    }

    private static Diagnostic Kustomize(RenderedManifests.Kustomize source, ManifestToolResult.Failed failed, IFileTree files)
    {
        string said = Plain(failed.Error);
        string text = said;
        SourceSpan? at = null;
        // Bases are named from the outside in: the last one is where it went wrong.
        if (InDirectory().Matches(said) is { Count: > 0 } places)
        {
            Match place = places[^1];
            text = said[(place.Index + place.Length)..];
            string directory = ProjectPath.Below(files.Root, place.Groups["directory"].Value) ?? place.Groups["directory"].Value;
            at = Open(ProjectPath.Join(directory, "kustomization.yaml"), files)?.Span(0, 0);
        }
        if (text.Length == 0)
            text = said;
        return Diagnostic.Error(DiagnosticCode.RenderFailed, $"kustomize could not render {source.Named}: {text}") with
        {
            At = at ?? source.At,
            Notes = [$"the command was `{failed.Command}`"],
        };
    }

    /// <summary>One line, without what tools put around their messages.</summary>
    private static string Plain(string error)
    {
        string text = error.Trim();
        // The log form of kubectl: err="..." on one line, or err=< and lines until >.
        if (Logged().Match(text) is { Success: true } logged)
            text = logged.Groups["quoted"].Success ? logged.Groups["quoted"].Value.Replace("\\\"", "\"", StringComparison.Ordinal) : logged.Groups["block"].Value;
        IEnumerable<string> lines = text.Split('\n').Select(l => l.Trim())
            .Where(l => l.Length > 0 && !l.StartsWith("Use --debug", StringComparison.Ordinal) && !l.StartsWith("WARNING:", StringComparison.Ordinal) && !l.StartsWith("# Warning:", StringComparison.Ordinal));
        text = string.Join(' ', lines);
        foreach (string prefix in new[] { "Error: ", "error: " })
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                text = text[prefix.Length..];
        }
        return text.Length == 0 ? "it said nothing" : text;
    }

    /// <summary>A file as helm calls it, by the chart's name: the chart's name is not always that of its directory.</summary>
    private static string ChartFile(RenderedManifests.Helm source, string named) =>
        named.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? ProjectPath.Join(source.Chart, named[(slash + 1)..]) : named;

    private static SourceText? Open(string path, IFileTree files) => files.Read(path) is FileContent.Text text ? new SourceText(path, text.Content) : null;

    private static int? Number(Match match, string group) =>
        match.Groups[group] is { Success: true, Value: var text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    // text/template's ErrorContext, and the form that helm's engine gives parse errors.
    [GeneratedRegex(@"(?:template: |parse error at \()(?<file>[^\s:()]+):(?<line>\d+)(?::(?<column>\d+))?")]
    private static partial Regex InTemplate();

    [GeneratedRegex("""^executing "[^"]*" at <.*?>: """)]
    private static partial Regex Executing();

    [GeneratedRegex(@"YAML parse error on (?<file>\S+): (?:error converting YAML to JSON: )?(?:yaml: )?(?:line (?<line>\d+): )?(?<what>.*)")]
    private static partial Regex RenderedYaml();

    [GeneratedRegex("(?:recursed accumulation of path|couldn't make target for path) '(?<directory>[^']+)': ")]
    private static partial Regex InDirectory();

    [GeneratedRegex("""err=(?:"(?<quoted>(?:\\.|[^"\\])*)"|<\n(?<block>.*?)\n\s*>)""", RegexOptions.Singleline)]
    private static partial Regex Logged();
}
