using System.Collections.Immutable;
using Devloop.Adapters.Processes;
using Devloop.Cli.Commands;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Session;

namespace Devloop.Cli.Setup;

/// <summary>The <c>teardown</c> of local commands, told on the status stream.</summary>
internal sealed class Teardown : IAsyncDisposable
{
    private readonly ProcessRunner _processes = new(TimeProvider.System);
    private readonly LocalTeardown _teardown;
    private readonly ResourceDefinition[] _resources;

    public Teardown(Settings settings, ResolvedProject project, ResourceDefinition[] resources)
    {
        _resources = resources;
        _teardown = new LocalTeardown(_processes, project.Config.Root,
            name => settings.Consoles.Status("Running", $"`teardown` of {name}"),
            (name, line) => settings.Consoles.Write(settings.Consoles.Error, $"{settings.Consoles.ErrorPalette.Name(name.Value, name.Value.PadLeft(12))} │ {line}\n"));
    }

    /// <summary>Of those that need something of the cluster; gives what failed. Cancelled, it ends the command and begins no other.</summary>
    public Task<ImmutableArray<Diagnostic>> BeforeClusterAsync(CancellationToken cancellationToken) => RunAsync(LocalTeardown.BeforeCluster(_resources), cancellationToken);

    /// <summary>Of the others.</summary>
    public Task<ImmutableArray<Diagnostic>> AfterClusterAsync(CancellationToken cancellationToken) => RunAsync(LocalTeardown.AfterCluster(_resources), cancellationToken);

    private async Task<ImmutableArray<Diagnostic>> RunAsync(ImmutableArray<ResourceDefinition> resources, CancellationToken cancellationToken)
    {
        try
        {
            return await _teardown.RunAsync(resources, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    public ValueTask DisposeAsync() => _processes.DisposeAsync();
}
