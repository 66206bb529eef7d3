using System.Text.Json;
using System.Text.Json.Serialization;
using Devloop.Model;

namespace Devloop.Adapters.Registry;

/// <summary>Reads the config blob of an image.</summary>
internal static class ImageConfigReader
{
    /// <summary>Null when it is not one.</summary>
    public static BaseImage? Read(byte[] blob)
    {
        try
        {
            ConfigBody? body = JsonSerializer.Deserialize(blob, ConfigJson.Default.ConfigBlob)?.Config;
            return BaseImage.Of(body?.Env ?? [], body?.OnBuild ?? []) with
            {
                Entrypoint = [.. body?.Entrypoint ?? []],
                Command = [.. body?.Cmd ?? []],
                WorkingDirectory = body?.WorkingDir is { Length: > 0 } directory ? directory : "/",
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>When the image says that it was made; null when it says nothing, or the beginning of time, as repeatable builds do.</summary>
    public static DateTimeOffset? Created(byte[] blob)
    {
        try
        {
            return JsonSerializer.Deserialize(blob, ConfigJson.Default.ConfigBlob)?.Created is { } created && created > DateTimeOffset.UnixEpoch ? created : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record ConfigBlob([property: JsonPropertyName("config")] ConfigBody? Config, [property: JsonPropertyName("created")] DateTimeOffset? Created);

internal sealed record ConfigBody(
    [property: JsonPropertyName("Env")] string[]? Env,
    [property: JsonPropertyName("OnBuild")] string[]? OnBuild,
    [property: JsonPropertyName("Entrypoint")] string[]? Entrypoint,
    [property: JsonPropertyName("Cmd")] string[]? Cmd,
    [property: JsonPropertyName("WorkingDir")] string? WorkingDir);

[JsonSerializable(typeof(ConfigBlob))]
internal sealed partial class ConfigJson : JsonSerializerContext;
