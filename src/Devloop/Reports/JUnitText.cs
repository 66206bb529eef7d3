using System.Globalization;
using System.Text;
using System.Xml;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;

namespace Devloop.Cli.Reports;

/// <summary>
/// A run in the XML that CI servers know from JUnit: suites `builds`, `deploys`, `health` with a case for each image and resource, and `run`
/// for what is of none of them.
/// </summary>
public static class JUnitText
{
    public static string Of(RunReportDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        Suite[] suites =
        [
            new("builds", [.. document.Images.Select(i => new Case(i.Image.Value, i.Took, Failure(i.Diagnostics, i.Lines), i.Why))]),
            new("deploys", [.. document.Resources.Select(r => new Case(r.Resource.Value, r.Took, Failure(r.DeployDiagnostics, []), r.Why))]),
            new("health", [.. document.Resources.Select(r => new Case(r.Resource.Value, r.ReadyAfter ?? TimeSpan.Zero, Failure(r.HealthDiagnostics, r.Lines), r.ReadyAfter is null ? r.Why ?? r.Text : null))]),
            new("run", [new Case("devloop ci", document.Took, OfRun(document), null)]),
        ];
        var text = new Utf8Text();
        using (XmlWriter xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            Case[] all = [.. suites.SelectMany(s => s.Cases)];
            xml.WriteStartElement("testsuites");
            xml.WriteAttributeString("name", CleanText.Of(document.Project.Length > 0 ? document.Project : "devloop"));
            Counts(xml, all, document.Took);
            foreach (Suite suite in suites)
                Write(xml, suite, document);
            xml.WriteEndElement();
        }
        return text.ToString() + "\n";
    }

    private static void Write(XmlWriter xml, Suite suite, RunReportDocument document)
    {
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", suite.Name);
        Counts(xml, suite.Cases, TimeSpan.FromTicks(suite.Cases.Sum(c => c.Took.Ticks)));
        xml.WriteAttributeString("timestamp", document.Began.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        foreach (Case one in suite.Cases)
        {
            xml.WriteStartElement("testcase");
            xml.WriteAttributeString("classname", suite.Name);
            xml.WriteAttributeString("name", CleanText.Of(one.Name));
            xml.WriteAttributeString("time", Seconds(one.Took));
            if (one.Failure is { } failure)
            {
                xml.WriteStartElement("failure");
                xml.WriteAttributeString("type", failure.Type);
                xml.WriteAttributeString("message", CleanText.Of(failure.Message));
                xml.WriteString(CleanText.Of(failure.Text));
                xml.WriteEndElement();
            }
            else if (one.Skipped is { } why)
            {
                xml.WriteStartElement("skipped");
                xml.WriteAttributeString("message", CleanText.Of(why));
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void Counts(XmlWriter xml, Case[] cases, TimeSpan took)
    {
        xml.WriteAttributeString("tests", cases.Length.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", cases.Count(c => c.Failure is not null).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("skipped", cases.Count(c => c.Failure is null && c.Skipped is not null).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("time", Seconds(took));
    }

    private static Trouble? Failure(IReadOnlyCollection<Diagnostic> diagnostics, IReadOnlyCollection<string> lines) => diagnostics.FirstOrDefault(d => d.Severity == Severity.Error) is { } first
        ? new Trouble(first.Code, first.Message, string.Concat(diagnostics.Select(d => DiagnosticText.Of(d, Palette.None))) + (lines.Count == 0 ? "" : "\nlast output:\n" + string.Concat(lines.Select(l => l + "\n"))))
        : null;

    /// <summary>A run that failed for no image and no resource says so itself.</summary>
    private static Trouble? OfRun(RunReportDocument document) => Failure(document.Problems, [])
        ?? (document.ExitCode == ExitCode.Success || document.AllDiagnostics.Any(d => d.Severity == Severity.Error) ? null
            : new Trouble(document.Outcome, document.ExitCode == ExitCode.Interrupted ? "the run was interrupted" : $"the run ended with exit code {document.ExitCode}", ""));

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private sealed record Suite(string Name, Case[] Cases);

    private sealed record Case(string Name, TimeSpan Took, Trouble? Failure, string? Skipped);

    private sealed record Trouble(string Type, string Message, string Text);

    /// <summary>The declaration names the encoding of the writer, and files are UTF-8.</summary>
    private sealed class Utf8Text() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
