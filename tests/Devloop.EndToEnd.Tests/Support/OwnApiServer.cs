using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>
/// A second API server of the test bed's cluster, on a port of its own: it can be killed and started again while other tests talk to the
/// first. It runs what the first one runs, on the same store.
/// </summary>
internal sealed class OwnApiServer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-e2e-").FullName;
    private readonly string _workingDirectory;
    private readonly string[] _command;
    private readonly int _port = Browser.FreePort();
    private Process? _process;
    private StringBuilder _output = new();

    private OwnApiServer(string workingDirectory, string[] command) => (_workingDirectory, _command) = (workingDirectory, command);

    public static async Task<OwnApiServer> StartAsync()
    {
        Uri first = Server(await File.ReadAllTextAsync(TestNamespace.Kubeconfig));
        string port = string.Create(CultureInfo.InvariantCulture, $"--secure-port={first.Port}");
        foreach (Process process in Process.GetProcessesByName("kube-apiserver"))
        {
            using (process)
            {
                string[] command = (await File.ReadAllTextAsync($"/proc/{process.Id}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
                if (!command.Contains(port))
                    continue;
                var server = new OwnApiServer(new DirectoryInfo($"/proc/{process.Id}/cwd").ResolveLinkTarget(true)!.FullName, command);
                await server.ReturnAsync();
                return server;
            }
        }
        throw new InvalidOperationException("this test needs the cluster of tests/testbed, whose API server is a process of this machine");
    }

    /// <summary>A kubeconfig that leads here, with everything else as in the tests' own.</summary>
    public async Task<string> KubeconfigAsync()
    {
        string text = await File.ReadAllTextAsync(TestNamespace.Kubeconfig);
        return text.Replace(Server(text).Authority, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"), StringComparison.Ordinal);
    }

    /// <summary>SIGKILL: connections break as they do when a machine goes down.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(Patience.Ends());
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts it, and waits until it serves.</summary>
    public async Task ReturnAsync()
    {
        var start = new ProcessStartInfo(_command[0], _command[1..].Where(a => !a.StartsWith("--secure-port=", StringComparison.Ordinal) && !a.StartsWith("--cert-dir=", StringComparison.Ordinal)))
        {
            WorkingDirectory = _workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"--secure-port={_port}"));
        start.ArgumentList.Add($"--cert-dir={_directory}");
        _output = new StringBuilder();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilItServesAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task UntilItServesAsync()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(handler);
        CancellationToken ends = Patience.Ends();
        while (!_process!.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}/readyz")), ends);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), ends);
        }
        throw new InvalidOperationException($"the API server ended:\n{_output}");
    }

    private void Keep(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    private static Uri Server(string kubeconfig) => new(kubeconfig.Split("server: \"")[1].Split('"')[0]);
}
