using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>The wording of what is wrong with a port-forward that listens.</summary>
public static class ForwardTroubles
{
    /// <summary>The pod has no port of the name that the config gives.</summary>
    public static Diagnostic PortUnknown(PortForward forward, JsonObject pod)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ImmutableArray<string> names = ForwardChoice.PortNames(pod);
        return Diagnostic.Warning(DiagnosticCode.PortUnknown, $"`{forward.LocalText}` leads nowhere: pod `{pod.Name()}` has no port named `{forward.RemotePort}`") with
        {
            Notes = names.IsEmpty ? ["its containers name no port"] : [$"its ports: {string.Join(", ", names.Select(n => $"`{n}`"))}"],
            Help = NearestName.Of(forward.RemotePort, names) is { } near
                ? $"a port with a similar name exists: `{near}`"
                : "name the port in the container's `ports`, or write its number in `port_forwards`",
        };
    }

    /// <summary>What connections meet.</summary>
    /// <param name="health">With a fault.</param>
    /// <param name="pod">The pod of its target.</param>
    public static Diagnostic Of(PortForward forward, ForwardHealth health, JsonObject pod)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(health);
        string port = health.Target.Port.ToString(CultureInfo.InvariantCulture);
        string way = $"`{forward.LocalText}` leads to port {port} of pod `{health.Target.Pod}`";
        ImmutableArray<string> said = health.Said.Length == 0 ? [] : [$"the cluster said: {health.Said}"];
        return health.Fault switch
        {
            ForwardFault.NothingListens => Diagnostic.Warning(DiagnosticCode.PortSilent, $"{way}, where nothing listens") with { Help = Listening(forward, health.Target.Port, pod) },
            ForwardFault.NotAllowed => Diagnostic.Warning(DiagnosticCode.ForwardForbidden, $"{way}, and you may not forward ports in namespace `{health.Target.Namespace}`") with
            {
                Notes = said,
                Help = "allow the verbs `get` and `create` on `pods/portforward`",
            },
            _ => Diagnostic.Warning(DiagnosticCode.PodUnreachable, $"{way}, which connections do not reach") with
            {
                Notes = said,
                Help = "the pod or its node may be gone: `kubectl describe pod` says more",
            },
        };
    }

    private static string Listening(PortForward forward, int port, JsonObject pod)
    {
        if (!forward.RemoteGiven && port != forward.LocalPort)
            return string.Create(CultureInfo.InvariantCulture, $"the containers declare port {port} and not {forward.LocalPort}: write `\"{forward.LocalPort}:{forward.LocalPort}\"` to reach that one all the same");
        ImmutableArray<int> others = [.. ForwardChoice.Declared(pod).Where(p => p != port)];
        return others.IsEmpty
            ? "the program in the pod may still start, listen on another port, or listen on an address other than localhost"
            : $"the containers declare {(others.Length == 1 ? "port" : "ports")} {string.Join(", ", others.Select(p => p.ToString(CultureInfo.InvariantCulture)))}: set the port that the program listens on in `port_forwards`";
    }
}
