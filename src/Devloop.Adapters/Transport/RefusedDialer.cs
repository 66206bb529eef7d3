using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Stands for a server that may not, or cannot, be dialled for a reason that is known beforehand.</summary>
public sealed class RefusedDialer(ServerKind server, string place, Diagnostic why) : IDialer
{
    public ServerKind Server => server;

    public string Place => place;

    public ValueTask<Stream> DialAsync(CancellationToken cancellationToken) => throw new EngineUnreachableException(why);
}
