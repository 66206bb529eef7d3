using System.Collections.Concurrent;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Ports that answer or do not, as a test says.</summary>
public sealed class FakeNetworkProbe : INetworkProbe
{
    private readonly ConcurrentDictionary<int, string?> _answers = [];

    /// <summary>From now on a port answers; with words it says why it does not.</summary>
    public void Answer(int port, string? why = null) => _answers[port] = why;

    public Task<string?> AskAsync(ReadinessCheck.Http check, CancellationToken cancellationToken) => AskAsync(check.Port, cancellationToken);

    public Task<string?> AskAsync(ReadinessCheck.Tcp check, CancellationToken cancellationToken) => AskAsync(check.Port, cancellationToken);

    private Task<string?> AskAsync(int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_answers.GetOrAdd(port, p => $"nobody listens on port {p}"));
    }
}
