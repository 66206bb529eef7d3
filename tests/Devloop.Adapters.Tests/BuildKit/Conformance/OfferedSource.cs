using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Session;
using Devloop.Adapters.BuildKit.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>What one call of BuildKit asked for.</summary>
/// <param name="Source">The local source: <c>context</c> or <c>dockerfile</c>.</param>
/// <param name="FollowPaths">Paths whose links it wants followed; with none it wants everything.</param>
/// <param name="Listed">The entries that its patterns pick, in their order; directories end with a slash.</param>
/// <param name="Contents">The files whose content it then took.</param>
internal sealed record Asked(string Source, IReadOnlyList<string> FollowPaths, IReadOnlyList<string> Excludes, IReadOnlyList<string> Listed, IReadOnlyList<string> Contents);

/// <summary>Offers whole trees to BuildKit and writes down what it takes of them. Sends a file only when it is asked for, one after another.</summary>
internal sealed class OfferedSource(IReadOnlyDictionary<string, SourceTree> sources)
{
    private readonly ConcurrentQueue<Asked> _asked = new();

    public IReadOnlyCollection<Asked> Asked => _asked;

    public async Task DiffCopyAsync(HttpContext http)
    {
        IHeaderDictionary headers = http.Request.Headers;
        string name = Values(headers, "dir-name").FirstOrDefault() ?? "";
        if (!sources.TryGetValue(name, out SourceTree? tree))
            throw new GrpcException(GrpcCode.NotFound, $"no local source \"{name}\"");
        string[] follow = Values(headers, "followpaths"), excludes = Values(headers, "exclude-patterns");
        SourceEntry[] entries = [.. new Narrowing(tree, Values(headers, "include-patterns"), excludes, follow).Entries()];
        var contents = new List<string>();

        PipeWriter output = http.Response.BodyWriter;
        foreach (SourceEntry entry in entries)
        {
            GrpcFrame.Write(output, new Packet
            {
                Type = Packet.Types.PacketType.Stat,
                Stat = new FileStat { Path = entry.Path, Mode = entry.Mode, Size = entry.Size, ModTime = entry.SentNanoseconds, Linkname = entry.LinkTarget ?? "" },
            });
        }
        GrpcFrame.Write(output, new Packet { Type = Packet.Types.PacketType.Stat });
        await output.FlushAsync(http.RequestAborted);
        while (await GrpcFrame.ReadAsync(http.Request.BodyReader, Packet.Parser, http.RequestAborted) is { } packet)
        {
            if (packet.Type == Packet.Types.PacketType.Req)
            {
                SourceEntry entry = entries[(int)packet.Id];
                contents.Add(entry.Path);
                byte[] content = entry.Content?.ToArray() ?? await File.ReadAllBytesAsync(Path.Combine(tree.Root!, entry.Path), http.RequestAborted);
                if (content.Length > 0)
                    GrpcFrame.Write(output, new Packet { Type = Packet.Types.PacketType.Data, Id = packet.Id, Data = ByteString.CopyFrom(content) });
                GrpcFrame.Write(output, new Packet { Type = Packet.Types.PacketType.Data, Id = packet.Id });
                await output.FlushAsync(http.RequestAborted);
            }
            else
            {
                if (packet.Type == Packet.Types.PacketType.Fin)
                    GrpcFrame.Write(output, packet);
                await output.FlushAsync(http.RequestAborted);
                break;
            }
        }
        _asked.Enqueue(new Asked(name, follow, excludes, [.. entries.Select(e => e.IsDirectory ? e.Path + "/" : e.Path)], contents));
    }

    private static string[] Values(IHeaderDictionary headers, string name)
    {
        string[] values = [.. headers[name].Select(v => v ?? "")];
        return headers[name + "-encoded"].FirstOrDefault() is "1" or "true" ? [.. values.Select(v => WebUtility.UrlDecode(v))] : values;
    }
}
