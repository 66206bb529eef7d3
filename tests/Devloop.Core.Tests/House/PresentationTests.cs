namespace Devloop.Core.Tests.House;

/// <summary>Faces own their formats: Core knows neither colours nor the JSON that is shown.</summary>
public sealed class PresentationTests
{
    private static readonly string Core = Path.Combine(FindRoot(), "src", "Devloop.Core");

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
}
