using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Support;

/// <summary>The engine that the environment names, as the command would reach it.</summary>
public sealed class TestEngine : IAsyncLifetime
{
    public const string Busybox = "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n";

    private static readonly DockerConfigFile Config = DockerConfigFile.FromEnvironment();

    public BuildKitImageBuilder Builder { get; } = new(Dialer(), new RegistryCredentials(Config));

    public DockerEngine Store { get; } = new(Dialer(), new RegistryCredentials(Config));

    /// <summary>Such as <c>127.0.0.1:5005</c>.</summary>
    public static string Registry => Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") is { Length: > 0 } set ? set : "127.0.0.1:5005";

    public static EngineDialer Dialer() => new(EngineLocator.Locate(Config, Environment.GetEnvironmentVariable));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Builder.DisposeAsync();
        Store.Dispose();
    }
}

/// <summary>Keeps what a build said, and lets a test wait for something to be said.</summary>
public sealed class RecordedProgress : IProgress<BuildProgress>
{
    private readonly List<BuildProgress> _all = [];
    private readonly List<(Func<BuildProgress, bool> Wanted, TaskCompletionSource Seen)> _waiting = [];

    public IReadOnlyList<BuildProgress> All
    {
        get
        {
            lock (_all)
                return [.. _all];
        }
    }

    public IEnumerable<string> Lines => All.OfType<BuildProgress.Output>().Select(o => o.Line);

    public void Report(BuildProgress value)
    {
        lock (_all)
        {
            _all.Add(value);
            foreach ((_, TaskCompletionSource seen) in _waiting.Where(w => w.Wanted(value)))
                seen.TrySetResult();
        }
    }

    public Task Until(Func<BuildProgress, bool> wanted)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_all)
        {
            if (_all.Any(wanted))
                return Task.CompletedTask;
            _waiting.Add((wanted, seen));
        }
        return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
