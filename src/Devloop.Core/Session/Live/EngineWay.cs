using System.Collections.Concurrent;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>Containers of an engine that runs the nodes too: devloop's helper is put into each once, and runs as root.</summary>
internal sealed class EngineWay(IEngineContainers engine, ISourceFiles sources, HelperPrograms programs, TimeProvider clock) : TransferWay
{
    /// <summary>Beside the directory that pods may have mounted, which nothing can be put into.</summary>
    private const string HelperName = ".devloop-helper";

    /// <summary>How ids of containers begin in the status of pods whose node runs on the engine.</summary>
    private const string Scheme = "docker://";

    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<string, bool> _put = new(StringComparer.Ordinal);

    public override IContainers Containers { get; } = new WatchedContainers(engine, clock);

    public override bool AsRoot => true;

    public override async ValueTask<bool> ReachesAsync(ContainerPlace place, CancellationToken cancellationToken) =>
        place.Id.StartsWith(Scheme, StringComparison.Ordinal)
        && (_put.ContainsKey(place.Id) || await Containers.RunsAsync(place, cancellationToken).ConfigureAwait(false) == true);

    public override async Task<WayOutcome?> WriteAsync(ContainerUpdate update, bool restart, CancellationToken cancellationToken)
    {
        // A second time when the helper that was put there is there no more.
        for (int tries = 0; tries < 2; tries++)
        {
            if (!_put.ContainsKey(update.Place.Id) && await PutAsync(update.Place, cancellationToken).ConfigureAwait(false) is { } failure)
                return new WayOutcome(failure);
            if (await ApplyAsync("/" + HelperName, update, sources, restart, cancellationToken).ConfigureAwait(false) is { } outcome)
                return outcome;
            _put.TryRemove(update.Place.Id, out _);
        }
        return null;
    }

    private async Task<ContainerUpdateOutcome?> PutAsync(ContainerPlace place, CancellationToken cancellationToken)
    {
        if (programs.For(await engine.ArchitectureAsync(cancellationToken).ConfigureAwait(false)) is not { } program)
            return new ContainerUpdateOutcome.Refused(TransferProblem.NoTransport(place));
        switch (await engine.PutProgramAsync(place, HelperName, program, cancellationToken).ConfigureAwait(false))
        {
            case ContainerPut.Done:
                if (_put.Count >= MostRemembered)
                    _put.Clear();
                _put[place.Id] = true;
                return null;
            case ContainerPut.NotThere:
                return new ContainerUpdateOutcome.Gone();
            case ContainerPut.ReadOnly:
                return new ContainerUpdateOutcome.Refused(TransferProblem.ReadOnly(place, null));
            case ContainerPut.Failed failed:
                return new ContainerUpdateOutcome.Broken(TransferProblem.Broken(place, failed.Text));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}
