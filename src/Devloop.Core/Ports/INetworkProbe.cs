using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Asks whether something answers on the network.</summary>
public interface INetworkProbe
{
    /// <summary>Null: yes. Else why not, in a few words such as <c>connection refused</c>. Throws only when cancelled.</summary>
    Task<string?> AskAsync(ReadinessCheck.Http check, CancellationToken cancellationToken);

    /// <inheritdoc cref="AskAsync(ReadinessCheck.Http, CancellationToken)"/>
    Task<string?> AskAsync(ReadinessCheck.Tcp check, CancellationToken cancellationToken);
}
