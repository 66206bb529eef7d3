using System.Net.Security;
using System.Net.Sockets;

namespace Devloop.Adapters.Transport;

/// <summary>A stream that can say that nothing more will be written, and still be read.</summary>
internal interface IEndsWriting
{
    ValueTask EndWritingAsync();
}

/// <summary>Ends one direction of a connection.</summary>
internal static class HalfClose
{
    /// <summary>Says to the peer that nothing more comes. A pipe of Windows has no such word: there the peer knows by what it was sent.</summary>
    public static async ValueTask EndWritingAsync(Stream stream)
    {
        switch (stream)
        {
            case IEndsWriting able:
                await able.EndWritingAsync().ConfigureAwait(false);
                break;
            case SslStream tls:
                await tls.ShutdownAsync().ConfigureAwait(false);
                break;
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
        }
    }
}
