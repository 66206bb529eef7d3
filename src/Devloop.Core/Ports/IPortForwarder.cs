using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Listens on local ports and carries connections into pods.</summary>
public interface IPortForwarder
{
    /// <summary>Starts to listen; a busy port comes back as a diagnostic.</summary>
    PortForwardStart Start(PortForward forward);
}

public abstract record PortForwardStart
{
    private PortForwardStart() { }

    public sealed record Listening(IPortForward Forward) : PortForwardStart;

    public sealed record Refused(Diagnostic Why) : PortForwardStart;
}

/// <summary>One listening port. Disposing stops it and ends its connections.</summary>
public interface IPortForward : IAsyncDisposable
{
    /// <summary>
    /// The pod that new connections go to; connections that stand keep theirs until they end. While there is none, a new
    /// connection waits for one instead of being refused.
    /// </summary>
    void PointAt(ForwardTarget? target);
}

/// <param name="Port">From 1 to 65535, already resolved from a port's name.</param>
public sealed record ForwardTarget(string Namespace, string Pod, int Port);
