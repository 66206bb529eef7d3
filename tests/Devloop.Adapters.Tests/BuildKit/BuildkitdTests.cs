using System.Diagnostics;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>The program itself, which keeps no images: they end up in the test bed's registry. Runs where <c>buildkitd</c> is on the path.</summary>
[Trait("Needs", "BuildKit")]
public sealed class BuildkitdTests : BuildKitWayContract, IClassFixture<Buildkitd>
{
    private readonly DistributionRegistry _registry;
    private readonly RegistryImageStore _store;
    private readonly BuildKitImageBuilder _builder;

    public BuildkitdTests(Buildkitd server)
    {
        var credentials = new RegistryCredentials(new DockerConfigFile("/nowhere"));
        _registry = new DistributionRegistry(credentials, new RegistryOptions(), TimeProvider.System);
        _store = new RegistryImageStore(_registry, token => _builder!.ProbeAsync(token));
        _builder = new BuildKitImageBuilder(new EngineDialer(server.Address, ServerKind.BuildKit), GrpcEntry.Direct, new RegistryExport(_registry, _store, insecure: true), credentials);
    }

    protected override ImageReference Base { get; } = Reference($"{TestEngine.Registry}/devloop/where-base:devloop-base");

    protected override ImageReference? Repository { get; } = Reference($"{TestEngine.Registry}/devloop/where-app");

    protected override string TaggedName => $"{Repository}:devloop-tagged";

    protected override IImageBuilder Builder => _builder;

    protected override IImageStore Store => _store;

    public override async Task DisposeAsync()
    {
        await _builder.DisposeAsync();
        _registry.Dispose();
    }

    [Fact]
    public async Task It_says_who_it_is() =>
        (await Store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Reached>().Version.ShouldStartWith("buildkit");
}

/// <summary>A buildkitd of a test's own, gone with it.</summary>
public sealed class Buildkitd : IAsyncLifetime
{
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    public EngineAddress Address => new EngineAddress.Unix(Files["buildkitd.sock"]);

    private TemporaryDirectory Files { get; } = new();

    public async Task InitializeAsync()
    {
        Files.Write("buildkitd.toml", $"[registry.\"{TestEngine.Registry}\"]\n  http = true\n");
        _process = Process.Start(new ProcessStartInfo("buildkitd", ["--addr", Address.ToString(), "--root", Files["root"], "--config", Files["buildkitd.toml"]]) { RedirectStandardError = true })!;
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reading = ReadAsync(_process.StandardError, listens);
        await listens.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        await _reading;
        Files.Dispose();
    }

    private static async Task ReadAsync(StreamReader lines, TaskCompletionSource listens)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Contains("running server on", StringComparison.Ordinal))
                listens.TrySetResult();
        }
        listens.TrySetException(new InvalidOperationException("buildkitd ended before it listened"));
    }
}
