using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Files;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Transport;
using Devloop.Cli.Commands;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>What builds, and the images that it built: one connection for a run, made when it is first needed.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly BuildKitImageBuilder _builder;
    private readonly IDialer _dialer;
    private readonly DistributionRegistry _registry;

    public Engine(Settings settings, Project project)
    {
        DockerConfigFile config = DockerConfigFile.FromEnvironment();
        var credentials = new RegistryCredentials(config);
        _registry = RegistriesOf(project.Registry, credentials);
        if (project.Builder is BuilderSettings.BuildKit buildKit)
        {
            _dialer = BuildKitDialer.Of(buildKit, settings, project, Environment.GetEnvironmentVariable);
            var store = new RegistryImageStore(_registry, token => _builder!.ProbeAsync(token));
            var export = new RegistryExport(_registry, store, insecure: project.Registry is { } registry && (registry.Insecure || RegistryOptions.IsLoopback(registry.Host)));
            _builder = new BuildKitImageBuilder(_dialer, GrpcEntry.Direct, export, credentials);
            (Store, Cleaning) = (store, new NothingToClean());
        }
        else
        {
            _dialer = new EngineDialer(EngineLocator.Locate(config, Environment.GetEnvironmentVariable));
            var store = new DockerEngine(_dialer, credentials, _registry);
            _builder = new BuildKitImageBuilder(_dialer, GrpcEntry.EngineUpgrade, new EngineExport(store.Learn), credentials);
            (Store, Cleaning, Nodes, Containers) = (store, store, new DockerNodes(_dialer), new EngineContainers(_dialer));
        }
    }

    public IImageBuilder Builder => _builder;

    public IImageStore Store { get; }

    /// <summary>The registries that references name, with the logins that the docker client has.</summary>
    public IRegistry Registry => _registry;

    public IRegistryCleaning RegistryCleaning => _registry;

    public IEngineCleaning Cleaning { get; }

    /// <summary>Null without an engine.</summary>
    public INodeImages? Nodes { get; }

    /// <summary>Null without an engine.</summary>
    public IEngineContainers? Containers { get; }

    public IBuildHistory History { get; } = BuildHistory.OfUser(Environment.GetEnvironmentVariable);

    private static DistributionRegistry RegistriesOf(RegistrySettings? settings, RegistryCredentials credentials) => new(
        credentials,
        new RegistryOptions { InsecureHosts = settings is { Insecure: true } ? [settings.Host.Split('/')[0]] : [] },
        TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _builder.DisposeAsync().ConfigureAwait(false);
        (Nodes as IDisposable)?.Dispose();
        (Containers as IDisposable)?.Dispose();
        (Store as IDisposable)?.Dispose();
        (_dialer as IDisposable)?.Dispose();
        _registry.Dispose();
    }
}
