using System.Diagnostics;
using System.Text;

namespace Devloop.Adapters.Transport;

/// <summary>The standard input and output of a process as a stream. The process ends with the stream.</summary>
internal sealed class ProcessStream : ConnectionStream, IEndsWriting
{
    /// <summary>What of its errors is kept, in characters.</summary>
    private const int MostErrors = 4096;

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly StringBuilder _errors = new();
    private readonly Task _readingErrors;
    private int _isDisposed;

    private ProcessStream(Process process)
    {
        _process = process;
        (_input, _output) = (process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        _readingErrors = ReadErrorsAsync(process.StandardError);
    }

    /// <summary>Starts a process. Throws <see cref="System.ComponentModel.Win32Exception"/> when there is no such program.</summary>
    public static ProcessStream Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            return new ProcessStream(process);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>How the process ended, and the lines that it wrote to its standard error; no code when it still runs.</summary>
    public async Task<(int? ExitCode, string[] Errors)> EndAsync()
    {
        using var patience = new CancellationTokenSource(EndPatience);
        int? code = null;
        try
        {
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            code = _process.ExitCode;
            await _readingErrors.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // It goes on, or is disposed of at this moment: what it said so far is all there is.
        }
        lock (_errors)
            return (code, _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _output.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _input.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        await _input.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask EndWritingAsync() => _input.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task ReadErrorsAsync(StreamReader errors)
    {
        try
        {
            while (await errors.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                lock (_errors)
                {
                    _errors.Append(line).Append('\n');
                    // The last lines tell why; what scrolled by before them is of no use.
                    if (_errors.Length > MostErrors)
                        _errors.Remove(0, _errors.Length - MostErrors);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The stream was disposed of meanwhile.
        }
    }
}
