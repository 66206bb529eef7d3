using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Ports that listen in memory only. Like the real ones, a port is taken once at a time.</summary>
public sealed class FakePortForwarder : IPortForwarder
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Listening> _open = [];
    private readonly HashSet<int> _busy = [];

    /// <summary>What listens now and where it leads.</summary>
    public ImmutableDictionary<int, ForwardTarget?> Open
    {
        get
        {
            lock (_lock)
                return _open.ToImmutableDictionary(o => o.Key, o => o.Value.Target);
        }
    }

    /// <summary>Another program holds the port.</summary>
    public void Occupy(int port, bool busy = true)
    {
        lock (_lock)
            _ = busy ? _busy.Add(port) : _busy.Remove(port);
    }

    /// <summary>A connection to a port met this in its pod.</summary>
    /// <param name="target">Null is the one that the port leads to now.</param>
    public void Connect(int port, ForwardFault? fault, ForwardTarget? target = null)
    {
        Listening open;
        lock (_lock)
            open = _open[port];
        open.Hear(new ForwardHealth(target ?? open.Target ?? throw new InvalidOperationException("the port leads nowhere"), fault));
    }

    public PortForwardStart Start(PortForward forward, Action<ForwardHealth> hear)
    {
        lock (_lock)
        {
            if (_busy.Contains(forward.LocalPort) || _open.ContainsKey(forward.LocalPort))
                return new PortForwardStart.Refused(Diagnostic.Error(DiagnosticCode.PortBusy, $"port {forward.LocalPort} is in use"), MayPass: true);
            return new PortForwardStart.Listening(_open[forward.LocalPort] = new Listening(this, forward.LocalPort, hear));
        }
    }

    private sealed class Listening(FakePortForwarder forwarder, int port, Action<ForwardHealth> hear) : IPortForward
    {
        public ForwardTarget? Target { get; private set; }

        public Action<ForwardHealth> Hear => hear;

        public void PointAt(ForwardTarget? target)
        {
            lock (forwarder._lock)
                Target = target;
        }

        public ValueTask DisposeAsync()
        {
            lock (forwarder._lock)
                forwarder._open.Remove(port);
            return ValueTask.CompletedTask;
        }
    }
}
