using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Ports that listen in memory only. Like the real ones, a port is taken once at a time.</summary>
public sealed class FakePortForwarder : IPortForwarder
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, ForwardTarget?> _open = [];
    private readonly HashSet<int> _busy = [];

    /// <summary>What listens now and where it leads.</summary>
    public ImmutableDictionary<int, ForwardTarget?> Open
    {
        get
        {
            lock (_lock)
                return _open.ToImmutableDictionary();
        }
    }

    /// <summary>Another program holds the port.</summary>
    public void Occupy(int port, bool busy = true)
    {
        lock (_lock)
            _ = busy ? _busy.Add(port) : _busy.Remove(port);
    }

    public PortForwardStart Start(PortForward forward)
    {
        lock (_lock)
        {
            if (_busy.Contains(forward.LocalPort) || !_open.TryAdd(forward.LocalPort, null))
                return new PortForwardStart.Refused(Diagnostic.Error(DiagnosticCode.PortBusy, $"port {forward.LocalPort} is in use"));
            return new PortForwardStart.Listening(new Listening(this, forward.LocalPort));
        }
    }

    private sealed class Listening(FakePortForwarder forwarder, int port) : IPortForward
    {
        public void PointAt(ForwardTarget? target)
        {
            lock (forwarder._lock)
            {
                if (forwarder._open.ContainsKey(port))
                    forwarder._open[port] = target;
            }
        }

        public ValueTask DisposeAsync()
        {
            lock (forwarder._lock)
                forwarder._open.Remove(port);
            return ValueTask.CompletedTask;
        }
    }
}
