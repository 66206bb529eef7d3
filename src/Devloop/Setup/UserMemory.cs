using Devloop.Adapters.Files;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>What devloop remembers below the user's cache directory. While a command runs, what was of no use for long is swept out in the background.</summary>
internal sealed class UserMemory : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ContextReader _contexts;
    private readonly Task _sweeping;

    /// <param name="tell">Is told in a few words what was found damaged.</param>
    public UserMemory(Action<string> tell)
    {
        KeyStore keys = KeyStore.OfUser(Environment.GetEnvironmentVariable, tell);
        HashStore hashes = HashStore.OfUser(Environment.GetEnvironmentVariable, tell);
        TouchedContainers touched = TouchedContainers.OfUser(Environment.GetEnvironmentVariable);
        (Keys, Touched) = (keys, touched);
        _contexts = new ContextReader(TimeProvider.System, hashes);
        _sweeping = Task.Run(() =>
        {
            keys.Sweep(_stop.Token);
            hashes.Sweep(_stop.Token);
            touched.Sweep(_stop.Token);
        });
    }

    public IKeyStore Keys { get; }

    public ITouchedContainers Touched { get; }

    public IContextReader Contexts => _contexts;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _contexts.DisposeAsync().ConfigureAwait(false);
        await _sweeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
