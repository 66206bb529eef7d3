using System.Globalization;
using System.Text;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;

namespace Devloop.Cli.Reports;

/// <summary>
/// A run for GitHub Actions: annotations at the lines that are to blame, and a summary of the step (workflow commands for GitHub Actions,
/// and job summaries, of GitHub's documentation).
/// </summary>
public static class GitHubText
{
    /// <summary>Workflow commands, one a line.</summary>
    /// <param name="workspace">The checkout, to which GitHub wants paths relative; places outside it are left out.</param>
    public static string Annotations(RunReportDocument document, string workspace)
    {
        ArgumentNullException.ThrowIfNull(document);
        var text = new StringBuilder();
        foreach (Diagnostic diagnostic in document.AllDiagnostics.Distinct())
        {
            var place = new StringBuilder();
            if (diagnostic.At is { } at && Path.GetRelativePath(workspace, Path.Combine(document.Root, at.File)).Replace('\\', '/') is var file && !file.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(file))
                place.Append(CultureInfo.InvariantCulture, $"file={Property(file)},line={at.Line},col={at.Column},");
            string[] parts = [diagnostic.Message, .. diagnostic.Label is { } label ? [label] : Array.Empty<string>(), .. diagnostic.Notes, .. diagnostic.Help is { } help ? ["help: " + help] : Array.Empty<string>()];
            text.Append(diagnostic.Severity == Severity.Error ? "::error " : "::warning ").Append(place).Append("title=").Append(Property(diagnostic.Code)).Append("::").Append(Data(string.Join('\n', parts))).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The step's summary, in Markdown.</summary>
    public static string Summary(RunReportDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### devloop ci: {Cell(document.Project.Length > 0 ? document.Project + " " : "")}{document.Outcome.Replace('_', ' ')} in {DurationText.Of(document.Took)}\n\n");
        if (document.Images.Length > 0)
        {
            text.Append("| image | outcome | tag | time |\n|---|---|---|---|\n");
            foreach (ReportedImage image in document.Images)
                text.Append(CultureInfo.InvariantCulture, $"| {Cell(image.Image.Value)} | {Cell(image.Outcome.Replace('_', ' '))}{(image.Why is { } why ? ": " + Cell(why) : "")} | {image.Result?.Tag.Value} | {(image.Took > TimeSpan.Zero ? DurationText.Of(image.Took) : "")} |\n");
            text.Append('\n');
        }
        if (document.Resources.Length > 0)
        {
            text.Append("| resource | deploy | status |\n|---|---|---|\n");
            foreach (ReportedResource resource in document.Resources)
                text.Append(CultureInfo.InvariantCulture, $"| {Cell(resource.Resource.Value)} | {Cell(resource.Outcome.Replace('_', ' '))}{(resource.Why is { } why ? ": " + Cell(why) : "")} | {Cell(resource.Status)}: {Cell(resource.Text)} |\n");
            text.Append('\n');
        }
        foreach (Diagnostic diagnostic in document.AllDiagnostics.Distinct())
            Block(text, $"{diagnostic.Code}: {diagnostic.Message}", DiagnosticText.Of(diagnostic, Palette.None));
        foreach (ReportedImage image in document.Images.Where(i => !i.Lines.IsEmpty))
            Block(text, $"output of the build of {image.Image}", string.Join('\n', image.Lines));
        foreach (ReportedResource resource in document.Resources.Where(r => !r.Lines.IsEmpty))
            Block(text, $"output of {resource.Resource}", string.Join('\n', resource.Lines));
        return text.ToString();
    }

    /// <summary>The fence is longer than any in the text, so that nothing in it ends it.</summary>
    private static void Block(StringBuilder text, string title, string output)
    {
        string content = CleanText.Of(output);
        int longest = 2, run = 0;
        foreach (char c in content)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }
        string fence = new('`', longest + 1);
        text.Append(CultureInfo.InvariantCulture, $"<details><summary>{Cell(title)}</summary>\n\n{fence}\n{content.TrimEnd('\n')}\n{fence}\n\n</details>\n");
    }

    /// <summary>Nothing in it counts as Markdown, HTML or the end of a cell.</summary>
    private static string Cell(string text) => CleanText.Of(text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Data(string text) => text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
