using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Devloop.Core.Tests.House;

/// <summary>The rooms of the house and who may look into which; ARCHITECTURE.md draws them.</summary>
public partial class LayeringTests
{
    /// <summary>A room of Core sees those before it.</summary>
    private static readonly string[] Rooms =
        ["Text", "Diagnostics", "Yaml", "Model", "Ports", "Dockerfiles", "Manifests", "Rollout", "Config", "Planning", "Engine", "Session"];

    /// <summary>Folders of Adapters that the others may use; every other folder is one neighbour and knows no other.</summary>
    private static readonly string[] SharedAdapters = ["Processes", "Transport", "ClientConfig"];

    [Fact]
    public void Every_folder_of_core_is_a_room_with_a_place_in_the_order() =>
        Folders("src/Devloop.Core").ShouldBe(Rooms, ignoreOrder: true);

    [Fact]
    public void Rooms_of_core_look_only_at_rooms_before_them() => Strays(Files("src/Devloop.Core").SelectMany(file =>
    {
        int own = Array.IndexOf(Rooms, FolderOf(file, "src/Devloop.Core"));
        return Mentions(file).Where(m => m.Name[0] == "Devloop" && m.Name.Length > 1 && Array.IndexOf(Rooms, m.Name[1]) is var other && (other > own || other < 0)).Select(m => m.Place);
    }));

    [Fact]
    public void Files_of_core_stand_in_the_namespace_of_their_folder() => Strays(Files("src/Devloop.Core")
        .Where(f => !Regex.IsMatch(File.ReadAllText(f), $@"^namespace Devloop\.{FolderOf(f, "src/Devloop.Core")}[.;]", RegexOptions.Multiline)).Select(Short));

    [Fact]
    public void Neighbours_in_adapters_do_not_know_one_another() => Strays(Files("src/Devloop.Adapters").SelectMany(file =>
    {
        string own = FolderOf(file, "src/Devloop.Adapters");
        return Mentions(file).Where(m => m.Name.Length > 2 && m.Name[1] == "Adapters" && m.Name[2] != own && !SharedAdapters.Contains(m.Name[2])).Select(m => m.Place);
    }));

    [Fact]
    public void Files_of_adapters_stand_in_the_namespace_of_their_folder() => Strays(Files("src/Devloop.Adapters")
        .Where(f => !Regex.IsMatch(File.ReadAllText(f), $@"^namespace Devloop\.Adapters\.{FolderOf(f, "src/Devloop.Adapters")}[.;]", RegexOptions.Multiline)).Select(Short));

    [Fact]
    public void Adapters_decide_nothing_so_they_see_neither_engine_nor_session() => Strays(Files("src/Devloop.Adapters")
        .SelectMany(f => Mentions(f).Where(m => m.Name is ["Devloop", "Engine" or "Session" or "Planning" or "Config", ..] && m.Place.Contains("Devloop.", StringComparison.Ordinal)).Select(m => m.Place)));

    [Theory]
    [InlineData("Devloop.Core", "Devloop.Starlark")]
    [InlineData("Devloop.Adapters", "Devloop.Core")]
    [InlineData("Devloop.Web", "Devloop.Core")]
    [InlineData("Devloop.Starlark", "")]
    public void A_project_refers_only_to_those_below_it(string project, string allowed)
    {
        string file = Path.Combine(Root, "src", project, project + ".csproj");
        // Rooms that are still to be built refer to nothing.
        string[] references = File.Exists(file) ? [.. XDocument.Load(file).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))] : [];
        references.Except(allowed.Split(' ')).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_in_source_refers_to_a_test_and_no_project_lets_another_look_inside() => Strays(Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
        .Where(f => File.ReadAllText(f) is var text && (text.Contains("InternalsVisibleTo", StringComparison.Ordinal) || text.Contains("tests", StringComparison.OrdinalIgnoreCase))).Select(Short));

    [Fact]
    public void The_symbols_that_core_may_not_use_are_handed_to_the_compiler()
    {
        XDocument project = XDocument.Load(Path.Combine(Root, "src/Devloop.Core/Devloop.Core.csproj"));
        project.Descendants("AdditionalFiles").Select(f => f.Attribute("Include")!.Value).ShouldContain("BannedSymbols.txt");
        project.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value).ShouldContain("Microsoft.CodeAnalysis.BannedApiAnalyzers");
        string[] banned = File.ReadAllLines(Path.Combine(Root, "src/Devloop.Core/BannedSymbols.txt"));
        foreach (string symbol in new[] { "T:System.IO.File;", "T:System.Console;", "T:System.Diagnostics.Process;", "P:System.DateTime.UtcNow;", "T:System.Net.Http.HttpClient;" })
            banned.ShouldContain(line => line.StartsWith(symbol, StringComparison.Ordinal));
    }

    private static string Root { get; } = RootAbove(Here());

    private static string Here([CallerFilePath] string file = "") => file;

    private static string RootAbove(string path)
    {
        string? directory = Path.GetDirectoryName(path);
        while (directory is not null && !File.Exists(Path.Combine(directory, "Devloop.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory.ShouldNotBeNull("no solution stands above the tests");
    }

    private static string[] Folders(string project) =>
        [.. Files(project).Select(f => FolderOf(f, project)).Where(f => f.Length > 0).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Files(string project) => Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
        .Where(f => Path.GetRelativePath(Path.Combine(Root, project), f).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));

    /// <summary>The folder right below the project; empty for a file beside it.</summary>
    private static string FolderOf(string file, string project) =>
        Path.GetRelativePath(Path.Combine(Root, project), file).Split(Path.DirectorySeparatorChar) is { Length: > 1 } parts ? parts[0] : "";

    private static string Short(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>The namespaces that a file uses, by its using lines and by names written out.</summary>
    private static IEnumerable<(string[] Name, string Place)> Mentions(string file) => File.ReadLines(file)
        .SelectMany((line, n) => line.StartsWith("namespace ", StringComparison.Ordinal) || line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            ? []
            : FullName().Matches(line).Select(m => m.Value).Concat(RoomName().Matches(line).Select(m => "Devloop." + m.Value))
                .Select(m => (m.Split('.'), $"{Short(file)}:{n + 1}: {line.Trim()}")));

    private static void Strays(IEnumerable<string> strays) => strays.ToArray().ShouldBeEmpty();

    [GeneratedRegex(@"(?<![\w.""])Devloop(\.[A-Z]\w*)+")]
    private static partial Regex FullName();

    /// <summary>A room named from inside the house, as in <c>Planning.BuildReason</c>.</summary>
    [GeneratedRegex(@"(?<![\w.""`/<])(Yaml|Ports|Dockerfiles|Manifests|Rollout|Config|Planning|Engine|Session)\.[A-Z]\w*")]
    private static partial Regex RoomName();
}
