using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>
/// Says what one connection met. Nothing is known of a pod's port until somebody uses it: a trial of our own would be a client that
/// connects and leaves, which some servers log, and some, such as debuggers, take for the only client they will have.
/// </summary>
internal sealed class ConnectionHealth(Action<ForwardHealth> hear, TimeProvider time)
{
    /// <summary>A program that starts takes a while until it listens; the connection waits for it, and so does the complaint.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private const int LongestSaid = 200;

    private ForwardTarget? _failing;
    private long _since;

    public void Answered(ForwardTarget target) => hear(new ForwardHealth(target, null));

    public void NotAllowed(ForwardTarget target) => hear(new ForwardHealth(target, ForwardFault.NotAllowed));

    /// <param name="isLast">True when the connection is not tried again, so that there is nothing to wait for.</param>
    public void Failed(ForwardTarget target, ForwardFault fault, string said, bool isLast = false)
    {
        if (_failing != target)
            (_failing, _since) = (target, time.GetTimestamp());
        if (isLast || time.GetElapsedTime(_since) >= Grace)
            hear(new ForwardHealth(target, fault, OneLine(said)));
    }

    /// <summary>Of a long text the end, where the cause stands.</summary>
    private static string OneLine(string said)
    {
        string line = string.Join(' ', said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > LongestSaid ? "..." + line[^LongestSaid..] : line;
    }
}
