using System.Diagnostics;
using System.Text;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>A devloop as users run it: a process of its own. What it is told on the command line and by signals goes in, NDJSON, stderr and an exit code come out.</summary>
internal sealed class DevloopProcess : IAsyncDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "devloop.dll");

    private readonly Process _process;
    private readonly Task _reading;
    private readonly StringBuilder _errors = new();
    private TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DevloopProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadEventsAsync(), ReadErrorsAsync());
    }

    public EventLog Events { get; } = new();

    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts devloop with `--output json` in a project's directory.</summary>
    public static DevloopProcess Start(TestProject project, params string[] arguments) => StartForPeople(project, [.. arguments, "--output", "json"]);

    /// <summary>Starts devloop as a person would: what happens is told on stderr, and there are no events.</summary>
    public static DevloopProcess StartForPeople(TestProject project, params string[] arguments)
    {
        ProcessStartInfo start = StartInfo(project, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return new DevloopProcess(Process.Start(start)!);
    }

    /// <summary>Runs devloop to its end, as it is without `--output json`.</summary>
    public static Task<Ended> RunAsync(TestProject project, params string[] arguments) => Tool.RunAsync(StartInfo(project, arguments));

    private static ProcessStartInfo StartInfo(TestProject project, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Executable, .. arguments]) { WorkingDirectory = project.Directory };
        foreach ((string name, string? value) in project.Environment)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>The first such event from a mark on.</summary>
    public Task<RunEvent> SeenAsync(string type, string? image = null, string? resource = null, string? outcome = null, int from = 0) =>
        Events.FirstAsync(e => e.Is(type, image, resource, outcome), from, string.Join(' ', new[] { type, image, resource, outcome }.OfType<string>()));

    /// <summary>Everything is built, deployed and healthy, and nothing is left to do.</summary>
    public Task<RunEvent> ReadyAsync(int from = 0) =>
        Events.FirstAsync(e => e.Is("ready") && (bool)e.Json["healthy"]!, from, "healthy `ready`");

    /// <summary>Stderr holds these words.</summary>
    public async Task SaidAsync(string words)
    {
        CancellationToken ends = Patience.Ends();
        while (true)
        {
            Task more;
            lock (_errors)
            {
                if (_errors.ToString().Contains(words, StringComparison.Ordinal))
                    return;
                more = _said.Task;
            }
            await more.WaitAsync(ends);
        }
    }

    /// <summary>SIGINT, as the terminal sends it for Ctrl-C.</summary>
    public Task InterruptAsync() => Tool.OutputAsync("kill", "-INT", $"{_process.Id}");

    /// <summary>SIGKILL: no code of devloop's runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    public async Task<int> EndAsync()
    {
        try
        {
            await _process.WaitForExitAsync(Patience.Ends());
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"devloop does not end; it told:\n{Events.Text()}\nstderr:\n{Errors}");
        }
        await _reading;
        return _process.ExitCode;
    }

    /// <summary>Ctrl-C, and the end it leads to.</summary>
    public async Task StopAsync()
    {
        await InterruptAsync();
        (await EndAsync()).ShouldBe(130, Errors);
    }

    private async Task ReadEventsAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            // A line that a SIGKILL cut short is no event, and neither is a line for people.
            if (line.StartsWith('{') && line.EndsWith('}'))
                Events.Add(line);
        }
        Events.End();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Append(line).Append('\n');
                _said.TrySetResult();
                _said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _reading;
        _process.Dispose();
    }
}
