using System.Collections.Immutable;
using System.Xml.Linq;
using Devloop.Cli.Reports;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Testing;
using Devloop.Text;

namespace Devloop.EndToEnd.Tests.Screens;

/// <summary>What a run of once leaves for others to read, as pure text.</summary>
public sealed class ReportTests
{
    private static readonly SourceText Dockerfile = new("api/Dockerfile", "FROM base\nRUN make, all: 100%\n");

    private static readonly Diagnostic BuildFailed = Diagnostic.Error(DiagnosticCode.BuildStepFailed, "image `api` did not build: exit code 2") with
    {
        At = Dockerfile.Span(10, 3),
        Label = "this step failed",
        Notes = ["100% of it: a, b", "second <line> | `quoted`"],
        Help = "save a fix",
    };

    private static readonly RunReportDocument Failed = new()
    {
        Project = "shop",
        Root = "/checkout/services",
        Outcome = "build_failed",
        ExitCode = 3,
        Began = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Took = TimeSpan.FromSeconds(5.9),
        Images =
        [
            new ReportedImage(new ImageName("base"), "reused", TimeSpan.Zero, null, [], []),
            new ReportedImage(new ImageName("api"), "failed", TimeSpan.FromSeconds(1.1), null, [BuildFailed], ["\u001b[31mred\u001b[0m \u0000 bell \u0007 ]]> </failure>", "lone \ud800 surrogate, whole \ud83d\ude00 one", "```"]),
            new ReportedImage(new ImageName("web"), "not_built", TimeSpan.Zero, "its base api failed", [], []),
        ],
        Resources = [new ReportedResource(new ResourceName("web"), "not_deployed", TimeSpan.Zero, "image api failed", [], "pending", "not deployed yet", null, [], [], [])],
    };

    [Fact]
    public void JUnit_names_every_image_and_resource_with_the_diagnostic_and_the_last_output() => Golden.Check(JUnitText.Of(Failed), "report-junit");

    [Fact]
    public void JUnit_is_valid_whatever_was_written()
    {
        string all = new([.. Enumerable.Range(0, 0x10000).Select(c => (char)c)]);
        ReportedImage image = Failed.Images[1] with { Lines = [all], Why = all };
        XElement suites = XDocument.Parse(JUnitText.Of(Failed with { Project = all, Images = [image] })).Root!;
        suites.Elements("testsuite").Select(s => (string?)s.Attribute("name")).ShouldBe(["builds", "deploys", "health", "run"]);
    }

    [Theory]
    [InlineData(130, "the run was interrupted")]
    [InlineData(5, "the run ended with exit code 5")]
    public void JUnit_of_a_run_that_failed_for_nobody_says_so_itself(int code, string message)
    {
        var document = new RunReportDocument { Root = "/", Outcome = OutcomeWords.Of(code), ExitCode = code, Began = Failed.Began, Took = Failed.Took };
        XElement run = XDocument.Parse(JUnitText.Of(document)).Root!.Elements("testsuite").Last();
        ((string?)run.Element("testcase")!.Element("failure")!.Attribute("message")).ShouldBe(message);
    }

    [Fact]
    public void Json_holds_the_same_for_machines() => Golden.Check(ReportJson.Of(Failed), "report-json");

    [Fact]
    public void Annotations_stand_at_the_line_below_the_checkout_and_escape_what_ends_a_command() =>
        GitHubText.Annotations(Failed, "/checkout").ShouldBe(
            "::error file=services/api/Dockerfile,line=2,col=1,title=DL3001::image `api` did not build: exit code 2%0Athis step failed%0A100%25 of it: a, b%0Asecond <line> | `quoted`%0Ahelp: save a fix\n");

    [Fact]
    public void A_place_outside_the_checkout_is_left_out() =>
        GitHubText.Annotations(Failed, "/elsewhere").ShouldStartWith("::error title=DL3001::image `api` did not build");

    [Fact]
    public void A_summary_is_markdown_that_nothing_in_it_breaks() => Golden.Check(GitHubText.Summary(Failed), "report-summary");
}
