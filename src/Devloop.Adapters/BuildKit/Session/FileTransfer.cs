using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Wire;
using Google.Protobuf;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// One call of <c>moby.filesync.v1.FileSync/DiffCopy</c>; this side is the sender of the fsutil protocol:
/// <code>
/// sender   -> STAT for each entry (its index is its id), then a STAT without a stat: the end of the list
/// receiver -> REQ id for each regular file that differs from its copy
/// sender   -> DATA id bytes..., DATA id without bytes: the end of that file
/// receiver -> FIN when it has all; sender -> FIN, and the call ends
/// </code>
/// Listing, asking and sending overlap. Either side may send ERR with a text.
/// </summary>
/// <param name="broken">Is told the path of a file that is not what the snapshot says.</param>
internal sealed class FileTransfer(SourceTree tree, IEnumerable<SourceEntry> entries, PipeReader input, PipeWriter output, Action<string> broken, UploadMeter? meter = null)
{
    private const int Readers = 4;
    private const int BatchSize = 48 * 1024;

    private readonly List<SourceEntry> _listed = [];
    private readonly Channel<(uint Id, SourceEntry Entry)> _asked =
        Channel.CreateUnbounded<(uint, SourceEntry)>(new UnboundedChannelOptions { SingleWriter = true }); // bounded by the number of files

    /// <summary>Runs to the end. Throws <see cref="SnapshotBrokenException"/> after ERR was sent, else <see cref="GrpcException"/> or what broke the connection.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var packets = new PacketWriter(output, meter);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new List<Task> { Task.Run(() => ListAsync(packets, stop.Token), CancellationToken.None), ReceiveAsync(packets, stop.Token) };
        for (int i = 0; i < Readers; i++)
            tasks.Add(Task.Run(() => SendFilesAsync(packets, stop.Token), CancellationToken.None));

        // The first failure stops the others and is the one to report.
        Exception? failure = null;
        while (tasks.Count > 0)
        {
            Task done = await Task.WhenAny(tasks).ConfigureAwait(false);
            tasks.Remove(done);
            if (failure is not null || done.IsCompletedSuccessfully)
                continue;
            failure = done.Exception?.GetBaseException() ?? new OperationCanceledException(stop.Token);
            await stop.CancelAsync().ConfigureAwait(false);
        }
        if (failure is SnapshotBrokenException { Path: var path })
        {
            // Before the receiver hears of it: its own failure may come back sooner than this call ends.
            broken(path);
            await TellAsync(packets, failure.Message, cancellationToken).ConfigureAwait(false);
        }
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Tells the receiver, which may hang up before it has heard all of it; what went wrong stays what it was.</summary>
    private static async Task TellAsync(PacketWriter packets, string message, CancellationToken cancellationToken)
    {
        try
        {
            await packets.SendAsync(new Packet { Type = Packet.Types.PacketType.Err, Data = ByteString.CopyFromUtf8(message) }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It hung up.
        }
    }

    private async Task ListAsync(PacketWriter packets, CancellationToken cancellationToken)
    {
        var batch = new ArrayBufferWriter<byte>(BatchSize + (16 * 1024));
        var packet = new Packet { Type = Packet.Types.PacketType.Stat, Stat = new FileStat() };
        foreach (SourceEntry entry in entries)
        {
            lock (_listed)
                _listed.Add(entry);
            // Owner and group stay 0, as the docker and buildx clients have it.
            packet.Stat.Path = entry.Path;
            packet.Stat.Mode = entry.Mode;
            packet.Stat.Size = entry.Size;
            packet.Stat.ModTime = entry.SentNanoseconds;
            packet.Stat.Linkname = entry.LinkTarget ?? "";
            GrpcFrame.Write(batch, packet);
            if (batch.WrittenCount >= BatchSize)
            {
                await packets.SendAsync(batch.WrittenMemory, cancellationToken).ConfigureAwait(false);
                batch.Clear();
            }
        }
        GrpcFrame.Write(batch, new Packet { Type = Packet.Types.PacketType.Stat });
        await packets.SendAsync(batch.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReceiveAsync(PacketWriter packets, CancellationToken cancellationToken)
    {
        while (await GrpcFrame.ReadAsync(input, Packet.Parser, cancellationToken).ConfigureAwait(false) is { } packet)
        {
            switch (packet.Type)
            {
                case Packet.Types.PacketType.Req:
                    SourceEntry? entry;
                    lock (_listed)
                        entry = packet.Id < _listed.Count ? _listed[(int)packet.Id] : null;
                    if (entry is not { IsFile: true })
                        throw new GrpcException(GrpcCode.InvalidArgument, $"invalid file id {packet.Id}");
                    meter?.Asked(entry.Size);
                    _asked.Writer.TryWrite((packet.Id, entry));
                    break;
                case Packet.Types.PacketType.Fin:
                    _asked.Writer.TryComplete();
                    meter?.End();
                    await packets.SendAsync(packet, cancellationToken).ConfigureAwait(false);
                    return;
                case Packet.Types.PacketType.Err:
                    throw new GrpcException(GrpcCode.Unknown, "error from receiver: " + packet.Data.ToStringUtf8());
                default:
                    throw new GrpcException(GrpcCode.InvalidArgument, $"unexpected packet {packet.Type}");
            }
        }
        throw new GrpcException(GrpcCode.Cancelled, "the receiver hung up");
    }

    private async Task SendFilesAsync(PacketWriter packets, CancellationToken cancellationToken)
    {
        await foreach ((uint id, SourceEntry entry) in _asked.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            await VerifiedFile.SendAsync(packets, id, entry, tree.Root, cancellationToken).ConfigureAwait(false);
    }
}
