using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Devloop.Adapters.BuildKit.Wire;

namespace Devloop.Adapters.BuildKit.Grpc;

internal enum GrpcCode
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    Aborted = 10,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}

/// <summary>The lines of the Dockerfile that BuildKit blames for an error; they count from 1.</summary>
internal sealed record SourceLines(int Start, int End);

/// <summary>A call that ended with a status other than OK.</summary>
internal sealed class GrpcException(GrpcCode code, string message, IReadOnlyList<SourceLines>? lines = null, Exception? inner = null)
    : Exception(message, inner)
{
    public GrpcCode Code { get; } = code;

    /// <summary>Where the server puts the blame; empty when it does not say, as BuildKit 0.8.</summary>
    public IReadOnlyList<SourceLines> Lines { get; } = lines ?? [];

    /// <summary>
    /// Reads grpc-status from the trailers, or from the headers for a "trailers only" answer.
    /// Null means the call ended well.
    /// </summary>
    public static GrpcException? FromResponse(HttpResponseMessage response)
    {
        HttpResponseHeaders? source =
            response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders :
            response.Headers.Contains("grpc-status") ? response.Headers : null;
        if (source is null)
        {
            return new GrpcException(GrpcCode.Unknown,
                $"HTTP {(int)response.StatusCode} without grpc-status");
        }

        var code = (GrpcCode)(int.TryParse(One(source, "grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : (int)GrpcCode.Unknown);
        if (code == GrpcCode.Ok)
            return null;

        string message = Uri.UnescapeDataString(One(source, "grpc-message") ?? "");
        return new GrpcException(code, message, One(source, "grpc-status-details-bin") is { } details ? ReadDetails(details) : null);
    }

    private static string? One(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;

    /// <summary>
    /// BuildKit puts typed errors in Any values whose *value is JSON*, with the type URL ending
    /// in "+json". Field names changed case between versions, so they are matched without case.
    /// </summary>
    private static List<SourceLines> ReadDetails(string base64)
    {
        var lines = new List<SourceLines>();
        try
        {
            // gRPC leaves the base64 padding out.
            byte[] raw = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            foreach (Google.Protobuf.WellKnownTypes.Any any in RpcStatus.Parser.ParseFrom(raw).Details)
            {
                if (!any.TypeUrl.Contains("errdefs.Source", StringComparison.Ordinal))
                    continue;
                using JsonDocument json = JsonDocument.Parse(any.Value.Memory);
                if (Get(json.RootElement, "ranges") is not { ValueKind: JsonValueKind.Array } ranges)
                    continue;
                foreach (JsonElement range in ranges.EnumerateArray())
                {
                    int start = Line(Get(range, "start"));
                    if (start > 0)
                        lines.Add(new SourceLines(start, Math.Max(start, Line(Get(range, "end")))));
                }
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or Google.Protobuf.InvalidProtocolBufferException)
        {
            // Details only make the message nicer; the status itself stands.
        }
        return lines;
    }

    private static int Line(JsonElement? position) =>
        position is { } p && Get(p, "line") is { ValueKind: JsonValueKind.Number } line && line.TryGetInt32(out int number) ? number : 0;

    private static JsonElement? Get(JsonElement? element, string name)
    {
        if (element is { ValueKind: JsonValueKind.Object } found)
        {
            foreach (JsonProperty property in found.EnumerateObject())
            {
                if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                    return property.Value;
            }
        }
        return null;
    }
}
