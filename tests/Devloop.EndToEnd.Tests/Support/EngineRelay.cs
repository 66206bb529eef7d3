using System.Net.Sockets;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>An engine that can go away and come back: a socket of its own that leads to the real one. No other test notices.</summary>
internal sealed class EngineRelay : IAsyncDisposable
{
    private const string Scheme = "unix://";

    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-e2e-").FullName;
    private readonly List<Socket> _open = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public EngineRelay() => Return();

    /// <summary>As DOCKER_HOST has it.</summary>
    public string Address => Scheme + Path;

    private string Path => System.IO.Path.Combine(_directory, "engine.sock");

    /// <summary>Breaks every connection; new ones are refused.</summary>
    public async Task GoAwayAsync()
    {
        _listener?.Dispose();
        await _accepting;
        File.Delete(Path);
        lock (_open)
        {
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    public void Return()
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await GoAwayAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync(Socket listener)
    {
        string engine = Environment.GetEnvironmentVariable("DOCKER_HOST") is { } host && host.StartsWith(Scheme, StringComparison.Ordinal) ? host[Scheme.Length..] : "/var/run/docker.sock";
        try
        {
            while (true)
            {
                Socket near = await listener.AcceptAsync();
                var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                lock (_open)
                    _open.AddRange([near, far]);
                await far.ConnectAsync(new UnixDomainSocketEndPoint(engine));
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Away.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer)) > 0;)
            {
                for (Memory<byte> rest = buffer.AsMemory(0, count); rest.Length > 0;)
                    rest = rest[await to.SendAsync(rest)..];
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            to.Dispose();
        }
    }
}
