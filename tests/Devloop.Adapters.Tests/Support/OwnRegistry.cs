using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A registry of a test's own: the real program on a free port, gone with the test.</summary>
public sealed class OwnRegistry : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files;
    private readonly Process _process;
    private readonly Task _reading;

    private OwnRegistry(TemporaryDirectory files, Process process, string host, Task reading) => (_files, _process, Host, _reading) = (files, process, host, reading);

    /// <summary>As references name it.</summary>
    public string Host { get; }

    /// <param name="tls">Paths of a certificate and its key; null is plain HTTP.</param>
    /// <param name="auth">The registry's own <c>auth</c> section as YAML in braces; null lets everybody in.</param>
    /// <param name="address">Where it listens; null is loopback.</param>
    public static async Task<OwnRegistry> StartAsync((string Certificate, string Key)? tls = null, string? auth = null, IPAddress? address = null)
    {
        string host = $"{address ?? IPAddress.Loopback}:{FreePort()}";
        var files = new TemporaryDirectory();
        string tlsText = tls is { } t ? $", tls: {{certificate: {t.Certificate}, key: {t.Key}}}" : "";
        string authText = auth is null ? "" : "auth: " + auth;
        files.Write("config.yml", $$$"""
            version: 0.1
            log: {level: info, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: {{{files["storage"]}}} }}
            http: {addr: "{{{host}}}"{{{tlsText}}} }
            {{{authText}}}
            """);
        var process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", files["config.yml"]]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task reading = Task.WhenAll(ReadAsync(process.StandardError, listens), ReadAsync(process.StandardOutput, listens));
        var registry = new OwnRegistry(files, process, host, reading);
        try
        {
            await listens.Task.WaitAsync(Patience);
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _files.Dispose();
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task ReadAsync(StreamReader lines, TaskCompletionSource listens)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Contains("listening on", StringComparison.Ordinal))
                listens.TrySetResult();
        }
        listens.TrySetException(new InvalidOperationException("the registry ended before it listened"));
    }
}
