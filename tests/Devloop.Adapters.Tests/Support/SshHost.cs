using System.Diagnostics;
using System.Globalization;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>
/// A host of a test's own that is reached with ssh: the real server on a free port of loopback, with keys that nobody else has. The
/// program <c>ssh</c> of this process knows those keys while the host is there.
/// </summary>
public sealed class SshHost : IAsyncDisposable
{
    /// <summary>The collection of the tests that use one: it changes the PATH of the process, so one at a time.</summary>
    public const string Alone = "ssh";

    private readonly TemporaryDirectory _files;
    private readonly Process _server;
    private readonly Task _reading;
    private readonly string _path;

    private SshHost(TemporaryDirectory files, Process server, Task reading, int port, string path) => (_files, _server, _reading, Port, _path) = (files, server, reading, port, path);

    public int Port { get; }

    /// <summary>The host's engine.</summary>
    public EngineAddress.Ssh Address => new(Environment.UserName, "127.0.0.1", Port, null);

    /// <summary>The process of the connection that was made last.</summary>
    public int LastClient => int.Parse(File.ReadAllText(_files["client.pid"]), CultureInfo.InvariantCulture);

    /// <param name="searchPath">Where programs are looked for on the host; null is the usual.</param>
    /// <param name="knowsHost">False: its key is not among those that the user trusts.</param>
    public static async Task<SshHost> StartAsync(string? searchPath = null, bool knowsHost = true)
    {
        int port = OwnRegistry.FreePort();
        var files = new TemporaryDirectory();
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", files["host"]);
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", files["user"]);
        files.Write("sshd.conf", $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {files["host"]}
            PidFile none
            AuthorizedKeysFile {files["user.pub"]}
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            {(searchPath is null ? "" : $"SetEnv PATH={searchPath}")}
            """);
        files.Write("known", knowsHost ? $"[127.0.0.1]:{port} {File.ReadAllText(files["host.pub"])}" : "");
        files.Write("ssh.conf", $"""
            IdentityFile {files["user"]}
            IdentitiesOnly yes
            UserKnownHostsFile {files["known"]}
            GlobalKnownHostsFile /dev/null
            StrictHostKeyChecking yes
            """);
        // ssh finds its settings by the user's entry among the users and not by HOME, so a program of its name hands them over.
        files.Write("bin/ssh", $"#!/bin/sh\necho $$ > {files["client.pid"]}\nexec /usr/bin/ssh -F {files["ssh.conf"]} \"$@\"\n");
        await RunAsync("chmod", "+x", files["bin/ssh"]);

        Directory.CreateDirectory("/run/sshd"); // sshd(8) wants it when it runs as root
        var server = Process.Start(new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-e", "-f", files["sshd.conf"]]) { RedirectStandardError = true })!;
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task reading = ReadAsync(server.StandardError, listens);
        string path = Environment.GetEnvironmentVariable("PATH")!;
        var host = new SshHost(files, server, reading, port, path);
        Environment.SetEnvironmentVariable("PATH", files["bin"] + ":" + path);
        try
        {
            await listens.Task.WaitAsync(TimeSpan.FromSeconds(30));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        if (!_server.HasExited)
            _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        await _reading;
        _server.Dispose();
        _files.Dispose();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }

    private static async Task ReadAsync(StreamReader lines, TaskCompletionSource listens)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Contains("Server listening on", StringComparison.Ordinal))
                listens.TrySetResult();
        }
        listens.TrySetException(new InvalidOperationException("sshd ended before it listened"));
    }
}
