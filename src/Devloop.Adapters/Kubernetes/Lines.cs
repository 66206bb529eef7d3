using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Devloop.Adapters.Kubernetes;

/// <summary>The lines of a stream of bytes as they come.</summary>
internal static class Lines
{
    /// <summary>Lines without their ends; a last line without an end counts.</summary>
    /// <param name="longest">A longer line is cut into pieces of so many bytes.</param>
    public static async IAsyncEnumerable<byte[]> ReadAsync(Stream stream, int longest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = result.Buffer;
                while (TryCut(ref rest, longest, out byte[] line))
                    yield return line;
                if (result.IsCompleted)
                {
                    if (!rest.IsEmpty)
                        yield return rest.ToArray();
                    yield break;
                }
                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static bool TryCut(ref ReadOnlySequence<byte> rest, int longest, out byte[] line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            ReadOnlySequence<byte> whole = rest.Slice(0, end);
            if (whole.Length <= longest)
            {
                line = whole.ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
                return true;
            }
        }
        else if (rest.Length <= longest)
        {
            line = [];
            return false;
        }
        line = rest.Slice(0, longest).ToArray();
        rest = rest.Slice(longest);
        return true;
    }
}
