using System.Text.Json.Serialization;

namespace Devloop.Adapters.Docker;

/// <summary>The parts of the Engine API's answers that devloop reads; names as in its specification.</summary>
internal sealed record EngineInfo(
    [property: JsonPropertyName("ID")] string? Id,
    [property: JsonPropertyName("ServerVersion")] string? ServerVersion,
    [property: JsonPropertyName("OSType")] string? OsType,
    [property: JsonPropertyName("Architecture")] string? Architecture,
    [property: JsonPropertyName("DriverStatus")] string[][]? DriverStatus)
{
    /// <summary>What engines say of their storage driver when containerd keeps the images: a plugin's type of containerd.</summary>
    private const string ContainerdPlugin = "io.containerd.snapshotter.v1";

    public bool IsOfContainerd => DriverStatus?.Any(s => s is [_, ContainerdPlugin, ..]) == true;
}

/// <summary>An image in a list.</summary>
internal sealed record EngineListed(
    [property: JsonPropertyName("Id")] string? Id,
    [property: JsonPropertyName("RepoTags")] string[]? RepoTags);

internal sealed record EngineImage(
    [property: JsonPropertyName("Id")] string? Id,
    [property: JsonPropertyName("Config")] EngineImageConfig? Config,
    [property: JsonPropertyName("Created")] DateTimeOffset? Created,
    [property: JsonPropertyName("Size")] long Size,
    [property: JsonPropertyName("Metadata")] EngineImageMetadata? Metadata);

internal sealed record EngineImageMetadata([property: JsonPropertyName("LastTagTime")] DateTimeOffset? LastTagTime);

/// <summary>What everything takes on the disk.</summary>
internal sealed record EngineUsage(
    [property: JsonPropertyName("LayersSize")] long LayersSize,
    [property: JsonPropertyName("Images")] UsedImage[]? Images,
    [property: JsonPropertyName("Containers")] UsedContainer[]? Containers,
    [property: JsonPropertyName("BuildCache")] UsedCache[]? BuildCache);

internal sealed record UsedImage(
    [property: JsonPropertyName("Id")] string? Id,
    [property: JsonPropertyName("RepoTags")] string[]? RepoTags,
    [property: JsonPropertyName("Size")] long Size,
    [property: JsonPropertyName("SharedSize")] long SharedSize);

internal sealed record UsedContainer([property: JsonPropertyName("ImageID")] string? ImageId);

internal sealed record UsedCache(
    [property: JsonPropertyName("Size")] long Size,
    [property: JsonPropertyName("InUse")] bool InUse,
    [property: JsonPropertyName("Shared")] bool Shared);

internal sealed record CachePruned([property: JsonPropertyName("SpaceReclaimed")] long SpaceReclaimed);

internal sealed record EngineImageConfig(
    [property: JsonPropertyName("Env")] string[]? Environment,
    [property: JsonPropertyName("OnBuild")] string[]? OnBuild,
    [property: JsonPropertyName("Entrypoint")] string[]? Entrypoint,
    [property: JsonPropertyName("Cmd")] string[]? Cmd,
    [property: JsonPropertyName("WorkingDir")] string? WorkingDir);

internal sealed record EngineError([property: JsonPropertyName("message")] string? Message);

/// <summary>A container in a list; its names begin with a slash.</summary>
internal sealed record ListedContainer(
    [property: JsonPropertyName("Id")] string? Id,
    [property: JsonPropertyName("Names")] string[]? Names);

internal sealed record InspectedContainer([property: JsonPropertyName("State")] ContainerState? State);

internal sealed record ContainerState([property: JsonPropertyName("Running")] bool Running);

internal sealed record ContainerFilters(
    [property: JsonPropertyName("label")] IReadOnlyList<string> Labels,
    [property: JsonPropertyName("status")] IReadOnlyList<string> Statuses);

/// <summary>A command to run in a container.</summary>
/// <param name="User">Null is the container's own.</param>
internal sealed record ExecOrder(
    [property: JsonPropertyName("Cmd")] IReadOnlyList<string> Command,
    [property: JsonPropertyName("AttachStdin")] bool AttachInput,
    [property: JsonPropertyName("AttachStdout")] bool AttachOutput,
    [property: JsonPropertyName("AttachStderr")] bool AttachErrors,
    [property: JsonPropertyName("User")] string? User = null);

internal sealed record ExecCreated([property: JsonPropertyName("Id")] string? Id);

/// <param name="ExitCode">Null, or 0, while it runs.</param>
internal sealed record ExecState(
    [property: JsonPropertyName("Running")] bool Running,
    [property: JsonPropertyName("ExitCode")] int? ExitCode);

/// <summary>One line of a push's or pull's answer.</summary>
internal sealed record TransferLine(
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("progressDetail")] TransferDetail? Detail,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("aux")] TransferAux? Aux);

internal sealed record TransferDetail(
    [property: JsonPropertyName("current")] long Current,
    [property: JsonPropertyName("total")] long Total);

internal sealed record TransferAux([property: JsonPropertyName("Digest")] string? Digest);

/// <summary>A login as <c>X-Registry-Auth</c> carries it.</summary>
internal sealed record EngineLogin(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password,
    [property: JsonPropertyName("identitytoken")] string? IdentityToken,
    [property: JsonPropertyName("serveraddress")] string? ServerAddress);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(EngineImage))]
[JsonSerializable(typeof(EngineListed[]))]
[JsonSerializable(typeof(EngineUsage))]
[JsonSerializable(typeof(ListedContainer[]))]
[JsonSerializable(typeof(InspectedContainer))]
[JsonSerializable(typeof(ContainerFilters))]
[JsonSerializable(typeof(ExecOrder))]
[JsonSerializable(typeof(ExecCreated))]
[JsonSerializable(typeof(ExecState))]
[JsonSerializable(typeof(CachePruned))]
[JsonSerializable(typeof(EngineError))]
[JsonSerializable(typeof(TransferLine))]
[JsonSerializable(typeof(EngineLogin))]
internal sealed partial class EngineJson : JsonSerializerContext;
