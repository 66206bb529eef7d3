using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;

namespace Devloop.Bench;

/// <summary>A running devloop and the events it prints.</summary>
internal sealed class DevloopProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();
    private readonly Task _reading;

    private DevloopProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    public static DevloopProcess Start(string devloop, string directory, params string[] arguments)
    {
        var info = new ProcessStartInfo(Path.GetFullPath(devloop), arguments) { WorkingDirectory = directory, RedirectStandardOutput = true };
        return new DevloopProcess(Process.Start(info) ?? throw new InvalidOperationException($"{devloop} did not start"));
    }

    public int Id => _process.Id;

    /// <summary>The next event of a type that fits; those before it are passed over.</summary>
    public async Task<JsonElement> NextAsync(string type, Func<JsonElement, bool> fits, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        while (true)
        {
            JsonElement next = await _events.Reader.ReadAsync(timeout.Token).ConfigureAwait(false);
            if (next.GetProperty("type").GetString() == type && fits(next))
                return next;
        }
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
            _events.Writer.TryWrite(JsonSerializer.Deserialize<JsonElement>(line));
        _events.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        // SIGINT, as Ctrl-C sends it.
        using (Process? kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill!.WaitForExitAsync().ConfigureAwait(false);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _process.Dispose();
    }
}
