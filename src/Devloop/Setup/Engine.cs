using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Files;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Transport;
using Devloop.Model;
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

    public IEngineCleaning Cleaning => _store;

    public IBuildHistory History { get; } = BuildHistory.OfUser(Environment.GetEnvironmentVariable);

    /// <summary>The registries that references name, with the logins that the docker client has.</summary>
    public static DistributionRegistry RegistriesOf(RegistrySettings? settings) => new(
        new RegistryCredentials(DockerConfigFile.FromEnvironment()),
        new RegistryOptions { InsecureHosts = settings is { Insecure: true } ? [settings.Host.Split('/')[0]] : [] },
        TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _builder.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
    }
}
