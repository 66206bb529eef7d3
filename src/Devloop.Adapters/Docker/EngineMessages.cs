using System.Text.Json.Serialization;

namespace Devloop.Adapters.Docker;

/// <summary>The parts of the Engine API's answers that devloop reads; names as in its specification.</summary>
internal sealed record EngineInfo(
    [property: JsonPropertyName("ID")] string? Id,
    [property: JsonPropertyName("ServerVersion")] string? ServerVersion,
    [property: JsonPropertyName("OSType")] string? OsType,
    [property: JsonPropertyName("Architecture")] string? Architecture);

internal sealed record EngineImage([property: JsonPropertyName("Id")] string? Id);

internal sealed record EngineError([property: JsonPropertyName("message")] string? Message);

/// <summary>One line of a push's answer.</summary>
internal sealed record PushLine(
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("progressDetail")] PushDetail? Detail,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("aux")] PushAux? Aux);

internal sealed record PushDetail(
    [property: JsonPropertyName("current")] long Current,
    [property: JsonPropertyName("total")] long Total);

internal sealed record PushAux([property: JsonPropertyName("Digest")] string? Digest);

/// <summary>A login as <c>X-Registry-Auth</c> carries it.</summary>
internal sealed record PushLogin(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password,
    [property: JsonPropertyName("identitytoken")] string? IdentityToken,
    [property: JsonPropertyName("serveraddress")] string? ServerAddress);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(EngineImage))]
[JsonSerializable(typeof(EngineError))]
[JsonSerializable(typeof(PushLine))]
[JsonSerializable(typeof(PushLogin))]
internal sealed partial class EngineJson : JsonSerializerContext;
