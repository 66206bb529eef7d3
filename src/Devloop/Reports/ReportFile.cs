using System.CommandLine.Parsing;
using System.Text;
using Devloop.Diagnostics;

namespace Devloop.Cli.Reports;

/// <summary>A file that a run is told to, such as <c>junit=report.xml</c>.</summary>
/// <param name="Format">junit or json.</param>
internal sealed record ReportFile(string Format, string Path)
{
    public static ReportFile[] Parse(ArgumentResult result)
    {
        var files = new List<ReportFile>();
        foreach (Token token in result.Tokens)
        {
            string[] parts = token.Value.Split('=', 2);
            if (parts is ["junit" or "json", { Length: > 0 }])
                files.Add(new ReportFile(parts[0], parts[1]));
            else
                result.AddError($"`{token.Value}` is no report: `junit=FILE` and `json=FILE` are");
        }
        return [.. files];
    }

    public string TextOf(RunReportDocument document) => Format == "junit" ? JUnitText.Of(document) : ReportJson.Of(document);

    /// <summary>Why a file cannot be written; null when it can. Makes the directories that lead to it.</summary>
    public static Diagnostic? Trouble(string path)
    {
        try
        {
            string full = System.IO.Path.GetFullPath(path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full) ?? full);
            if (Directory.Exists(full))
                return Refusal(path, "it is a directory");
            string probe = Beside(full);
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refusal(path, Reason(e));
        }
    }

    /// <summary>Writes a file whole, in place of an older one; gives the problem when it cannot be.</summary>
    public static Diagnostic? Write(string path, string text)
    {
        string full = System.IO.Path.GetFullPath(path), temporary = Beside(full);
        try
        {
            File.WriteAllText(temporary, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            File.Move(temporary, full, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refusal(path, Reason(e));
        }
    }

    private static string Beside(string path) => $"{path}.{Guid.NewGuid():N}.tmp";

    private static string Reason(Exception e) => e is UnauthorizedAccessException ? "permission denied" : e is DirectoryNotFoundException ? "no such directory" : "the disk refused it";

    private static Diagnostic Refusal(string path, string why) => Diagnostic.Error(DiagnosticCode.Unreadable, $"`{path}` cannot be written: {why}") with
    {
        Help = "a report goes to a file in a directory that can be written",
    };
}
