using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Files;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>The engine that builds: one connection for a run, made when it is first needed.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly BuildKitImageBuilder _builder;
    private readonly DockerEngine _store;

    public Engine()
    {
        DockerConfigFile config = DockerConfigFile.FromEnvironment();
        var dialer = new EngineDialer(EngineLocator.Locate(config, Environment.GetEnvironmentVariable));
        var credentials = new RegistryCredentials(config);
        _builder = new BuildKitImageBuilder(dialer, credentials);
        _store = new DockerEngine(dialer, credentials);
    }

    public IImageBuilder Builder => _builder;

    public IImageStore Store => _store;

    public IKeyStore Keys { get; } = KeyStore.OfUser(Environment.GetEnvironmentVariable);

    public async ValueTask DisposeAsync()
    {
        await _builder.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
    }
}
