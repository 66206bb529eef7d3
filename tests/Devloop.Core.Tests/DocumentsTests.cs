using System.Reflection;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;

namespace Devloop.Core.Tests;

/// <summary>The documents say what is so: codes, tests and links that they name are there.</summary>
public sealed partial class DocumentsTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void Every_code_has_its_page_and_every_page_its_code() =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs", "diagnostics")).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)
            .ShouldBe(Codes().Order(StringComparer.Ordinal));

    [Fact]
    public void Codes_are_given_once() => Codes().ShouldBeUnique();

    [Fact]
    public void A_page_has_a_title_an_example_and_what_to_do()
    {
        foreach (string code in Codes())
        {
            string page = File.ReadAllText(Path.Combine(Root, "docs", "diagnostics", code + ".md"));
            page.ShouldStartWith($"# {code}: ");
            page.ShouldContain("\n## For example\n```\n");
            page.ShouldContain("\n## What to do\n");
            page.Split('\n').Length.ShouldBeLessThan(40);
        }
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        foreach (string document in Documents())
        {
            foreach (Match link in RelativeLink().Matches(File.ReadAllText(document)))
            {
                string path = Path.Combine(Path.GetDirectoryName(document)!, link.Groups["path"].Value);
                (File.Exists(path) || Directory.Exists(path)).ShouldBeTrue($"{Path.GetRelativePath(Root, document)} links to {link.Groups["path"].Value}");
            }
        }
    }

    [Fact]
    public void The_tests_that_keep_the_invariants_exist()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!)];
        string[] named = [.. TestName().Matches(File.ReadAllText(Path.Combine(Root, "ARCHITECTURE.md"))).Select(m => m.Groups["name"].Value).Distinct()];
        named.ShouldNotBeEmpty();
        named.Except(files).ShouldBeEmpty();
    }

    [Fact]
    public void The_architecture_stays_short_enough_to_read() => File.ReadAllLines(Path.Combine(Root, "ARCHITECTURE.md")).Length.ShouldBeLessThan(200);

    private static string[] Codes() =>
        [.. typeof(DiagnosticCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!)];

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "samples"), "*.md", SearchOption.AllDirectories))
            .Where(f => !f.Contains("node_modules", StringComparison.Ordinal));

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Devloop.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("the tests stand in the repository");
    }

    [GeneratedRegex(@"\]\((?<path>(?!https?:|#)[^)#]+)", RegexOptions.CultureInvariant)]
    private static partial Regex RelativeLink();

    [GeneratedRegex(@"`(?<name>[A-Za-z]+(?:Tests|Contract|Contracts))`", RegexOptions.CultureInvariant)]
    private static partial Regex TestName();
}
