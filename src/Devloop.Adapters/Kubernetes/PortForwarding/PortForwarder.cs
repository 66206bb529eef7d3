using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>Carries local connections into pods, through the API server.</summary>
public sealed class PortForwarder(KubernetesCluster cluster) : IPortForwarder
{
    public PortForwardStart Start(PortForward forward, Action<ForwardHealth> hear)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(hear);
        if (Addresses(forward.Host) is not { IsEmpty: false } addresses)
        {
            return new PortForwardStart.Refused(Diagnostic.Error(DiagnosticCode.PortBusy, $"`{forward.Host}` is not an address of this machine to listen on") with
            {
                Help = "leave the address out to listen on loopback, or write one such as `127.0.0.1`",
            }, MayPass: false);
        }
        var listeners = new List<TcpListener>();
        foreach (IPAddress address in addresses)
        {
            var listener = new TcpListener(address, forward.LocalPort);
            try
            {
                listener.Start(backlog: 512);
                listeners.Add(listener);
            }
            catch (SocketException e)
            {
                listener.Dispose();
                // `localhost` means IPv6 too where the machine has it; its absence is no failure.
                if (listeners.Count > 0 && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
                    continue;
                listeners.ForEach(l => l.Dispose());
                return new PortForwardStart.Refused(Why(address, forward.LocalPort, e.SocketErrorCode), MayPass: e.SocketErrorCode is SocketError.AddressAlreadyInUse);
            }
        }
        return new PortForwardStart.Listening(new ListeningForward([.. listeners], new PodDialer(cluster.Client), hear, cluster.Client.Time));
    }

    private static ImmutableArray<IPAddress> Addresses(string host)
    {
        if (host is "localhost")
            return Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];
        if (IPAddress.TryParse(host, out IPAddress? address))
            return [address];
        try
        {
            return [.. Dns.GetHostAddresses(host).Take(1)];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
    }

    private static Diagnostic Why(IPAddress address, int port, SocketError error)
    {
        string endpoint = new IPEndPoint(address, port).ToString();
        return error switch
        {
            SocketError.AddressAlreadyInUse => Diagnostic.Error(DiagnosticCode.PortBusy, $"`{endpoint}` is in use") with
            {
                Notes = PortHolder.Find(port) is { } holder ? [$"held by `{holder.Command}` (process {holder.ProcessId.ToString(CultureInfo.InvariantCulture)})"] : [],
                Help = "stop that program, or set another local port in `port_forwards`",
            },
            SocketError.AccessDenied => Diagnostic.Error(DiagnosticCode.PortBusy, $"not allowed to listen on `{endpoint}`") with
            {
                Help = "set a local port of 1024 or more in `port_forwards`",
            },
            SocketError.AddressNotAvailable => Diagnostic.Error(DiagnosticCode.PortBusy, $"`{address}` is not an address of this machine") with
            {
                Help = "leave the address out to listen on loopback, or write one such as `127.0.0.1`",
            },
            _ => Diagnostic.Error(DiagnosticCode.PortBusy, $"`{endpoint}` cannot be listened on") with { Help = "set another local port in `port_forwards`" },
        };
    }
}
