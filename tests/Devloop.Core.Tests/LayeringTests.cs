using System.Text.RegularExpressions;

namespace Devloop.Core.Tests;

/// <summary>Keeps the rooms of Core in their order; the compiler cannot, inside one project.</summary>
public sealed partial class LayeringTests
{
    /// <summary>A room uses those before it, never one after.</summary>
    private static readonly string[] Rooms =
        ["Text", "Diagnostics", "Model", "Ports", "Yaml", "Dockerfiles", "Rollout", "Manifests", "Config", "Planning", "Engine", "Session"];

    private static readonly string Core = Path.Combine(FindRoot(), "src", "Devloop.Core");

    [Fact]
    public void A_room_uses_only_rooms_before_it()
    {
        string[] strays =
        [
            .. from file in Directory.EnumerateFiles(Core, "*.cs", SearchOption.AllDirectories)
               let path = Path.GetRelativePath(Core, file).Replace('\\', '/')
               let room = Array.IndexOf(Rooms, path.Split('/')[0])
               where room >= 0
               from used in Use().Matches(File.ReadAllText(file)).Select(m => m.Groups["room"].Value)
               where Array.IndexOf(Rooms, used) > room
               select $"{path} uses {used}",
        ];
        strays.ShouldBeEmpty();
    }

    [Fact]
    public void Every_folder_of_Core_is_a_room() =>
        Directory.EnumerateDirectories(Core).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj")).Order(StringComparer.Ordinal)
            .ShouldBe(Rooms.Order(StringComparer.Ordinal));

    [Fact]
    public void No_type_of_Core_knows_how_it_is_shown()
    {
        string[] shown =
        [
            .. Directory.EnumerateFiles(Core, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
                .Where(f => File.ReadAllText(f) is var text && (text.Contains("\\u001b", StringComparison.OrdinalIgnoreCase) || text.Contains("JsonSerializer.", StringComparison.Ordinal) || text.Contains("[JsonPropertyName", StringComparison.Ordinal)))
                .Select(f => Path.GetRelativePath(Core, f)),
        ];
        shown.ShouldBeEmpty();
    }

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Devloop.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("the tests stand in the repository");
    }

    [GeneratedRegex(@"^using (?:static )?Devloop\.(?<room>[A-Za-z]+)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Use();
}
