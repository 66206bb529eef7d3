using System.Text.Json;

namespace Devloop.Adapters.ClientConfig;

/// <summary>
/// The docker client's own directory of settings: <c>$DOCKER_CONFIG</c> or <c>~/.docker</c>. Read anew each time, for
/// <c>docker login</c> may run meanwhile.
/// </summary>
public sealed class DockerConfigFile(string directory)
{
    public string Directory { get; } = directory;

    /// <summary>The directory that the docker client would use in this environment.</summary>
    public static DockerConfigFile FromEnvironment() => new(
        Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } set
            ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker"));

    /// <summary>The whole of <c>config.json</c>; null when it is not there, not readable or not JSON.</summary>
    internal JsonDocument? Read() => ReadJson(Path.Combine(Directory, "config.json"));

    internal static JsonDocument? ReadJson(string path)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A text of an object; null when it is absent, empty or something else.</summary>
    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>An object of an object.</summary>
    internal static JsonElement? Object(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Object ? value : null;
}
