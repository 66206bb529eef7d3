using System.Net;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Ports;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>Serves the local sources of one build. Remembers the first file that was not what its snapshot says.</summary>
/// <param name="metered">The source whose upload is worth telling of.</param>
internal sealed class FileSyncService(IReadOnlyDictionary<string, SourceTree> sources, string metered, IProgress<BuildProgress> progress)
{
    public const string Method = "/moby.filesync.v1.FileSync/DiffCopy";

    private string? _brokenPath;

    /// <summary>The first file that had changed when it was to be sent; null while all was well.</summary>
    public string? BrokenPath => Volatile.Read(ref _brokenPath);

    public void AddTo(GrpcServices services) => services.Methods[Method] = DiffCopyAsync;

    private async Task DiffCopyAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        string name = Values(headers, "dir-name").FirstOrDefault() ?? "";
        // NotFound is what makes the server say that the local source is not there.
        if (!sources.TryGetValue(name, out SourceTree? tree))
            throw new GrpcException(GrpcCode.NotFound, $"no local source \"{name}\"");
        var narrowing = new Narrowing(tree, Values(headers, "include-patterns"), Values(headers, "exclude-patterns"), Values(headers, "followpaths"));
        try
        {
            await new FileTransfer(tree, narrowing.Entries(), context.Request.BodyReader, context.Response.BodyWriter,
                    path => Interlocked.CompareExchange(ref _brokenPath, path, null), name == metered ? new UploadMeter(progress) : null)
                .RunAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (SnapshotBrokenException e)
        {
            throw new GrpcException(GrpcCode.Aborted, e.Message, inner: e);
        }
    }

    /// <summary>
    /// A list travels as one header field an item. Newer servers percent-encode the items of a list that has a non-ASCII one,
    /// and say so in NAME-encoded.
    /// </summary>
    private static string[] Values(IHeaderDictionary headers, string name)
    {
        string[] values = [.. headers[name].Select(v => v ?? "")];
        if (headers[name + "-encoded"].FirstOrDefault() is "1" or "true")
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = WebUtility.UrlDecode(values[i]);
        }
        return values;
    }
}
