using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Listens on local ports and carries connections into pods.</summary>
public interface IPortForwarder
{
    /// <summary>Starts to listen; a busy port comes back as a diagnostic.</summary>
    /// <param name="hear">Gets what connections meet in the pod, from any thread and as often as it happens. It must not wait.</param>
    PortForwardStart Start(PortForward forward, Action<ForwardHealth> hear);
}

public abstract record PortForwardStart
{
    private PortForwardStart() { }

    public sealed record Listening(IPortForward Forward) : PortForwardStart;

    /// <param name="MayPass">True when the same may succeed later, as when another program holds the port now.</param>
    public sealed record Refused(Diagnostic Why, bool MayPass) : PortForwardStart;
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

/// <summary>What a connection met in the pod.</summary>
/// <param name="Fault">Null: the pod answered.</param>
/// <param name="Said">What the cluster gave as its reason, on one line; empty when nothing.</param>
public sealed record ForwardHealth(ForwardTarget Target, ForwardFault? Fault, string Said = "");

public enum ForwardFault
{
    /// <summary>The pod refuses connections to the port, and has done so for some seconds.</summary>
    NothingListens,

    /// <summary>The user may not forward ports.</summary>
    NotAllowed,

    /// <summary>Connections have not reached the pod for some seconds.</summary>
    Unreachable,
}
