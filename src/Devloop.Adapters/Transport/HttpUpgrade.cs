using System.Globalization;
using System.Text;

namespace Devloop.Adapters.Transport;

/// <summary>The server answered, but not with 101: it has no such endpoint.</summary>
internal sealed class UpgradeRefusedException(string message) : IOException(message);

/// <summary>
/// The HTTP/1.1 upgrade of the Docker Engine, after whose 101 answer the connection is a plain byte stream. <c>POST /grpc</c> with
/// <c>Upgrade: h2c</c> gives raw HTTP/2 with prior knowledge; the HTTP/1.1 request is not stream 1, as RFC 7540 would have it.
/// <c>Upgrade: tcp</c> gives the input and output of a container's command.
/// </summary>
internal static class HttpUpgrade
{
    private const int LongestHead = 16 * 1024;

    /// <summary>Upgrades a fresh connection, which is closed when that fails.</summary>
    /// <param name="protocol">Such as <c>h2c</c>.</param>
    /// <param name="json">What is posted; nothing when it is empty.</param>
    public static async ValueTask<Stream> PostAsync(Stream connection, string path, string protocol, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        try
        {
            string type = json.IsEmpty ? "" : "Content-Type: application/json\r\n";
            string request = string.Create(CultureInfo.InvariantCulture,
                $"POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{type}Content-Length: {json.Length}\r\n\r\n");
            await connection.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(request), .. json.Span], cancellationToken).ConfigureAwait(false);
            await connection.FlushAsync(cancellationToken).ConfigureAwait(false);
            string head = await ReadHeadAsync(connection, cancellationToken).ConfigureAwait(false);
            if (!head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
                throw new UpgradeRefusedException($"POST {path} was not upgraded: {head.Split('\r')[0]}");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Reads up to the blank line, a byte at a time so that no byte behind it is swallowed: HTTP/2's SETTINGS may follow in
    /// the same packet. The head is about 80 bytes long.
    /// </summary>
    private static async ValueTask<string> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new List<byte>(256);
        byte[] one = new byte[1];
        while (head.Count < LongestHead)
        {
            if (await stream.ReadAsync(one, cancellationToken).ConfigureAwait(false) == 0)
                throw new EndOfStreamException("the connection closed before the answer to the upgrade");
            head.Add(one[0]);
            if (one[0] == '\n' && head.Count >= 4 && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r')
                return Encoding.ASCII.GetString([.. head]);
        }
        throw new InvalidDataException("the answer to the upgrade is too long");
    }
}
