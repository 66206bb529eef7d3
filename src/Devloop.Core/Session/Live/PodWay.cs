using System.Collections.Concurrent;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>
/// Containers of any cluster, as their own user: by the helper that <c>up</c> mounts into pods, else by what a shell of the image has. Which of
/// them a container has is learnt by trying.
/// </summary>
internal sealed class PodWay(IContainers pods, ISourceFiles sources, TimeProvider clock) : TransferWay
{
    /// <summary>As <c>LiveEquipment</c> mounts it.</summary>
    public const string Helper = Manifests.LiveEquipment.HelperPath;

    private const int MostRemembered = 10_000;

    /// <summary>How the helper ends when it is not told what to do; base.h.</summary>
    private const int Usage = 64;

    private readonly ConcurrentDictionary<string, bool> _mounted = new(StringComparer.Ordinal);

    public override IContainers Containers { get; } = new WatchedContainers(pods, clock);

    public override ValueTask<bool> ReachesAsync(ContainerPlace place, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public override async Task<WayOutcome?> WriteAsync(ContainerUpdate update, bool restart, CancellationToken cancellationToken)
    {
        bool? mounted = await IsMountedAsync(update.Place, cancellationToken).ConfigureAwait(false);
        if (mounted != false && await ApplyAsync(Helper, update, sources, restart, cancellationToken).ConfigureAwait(false) is { } outcome)
            return outcome;
        return await new ImageTools(this, sources).WriteAsync(update, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the container has the helper, asked once: a container runtime that finds no program closes a connection on which files are under
    /// way, and its words are lost. Null when that was not learnt.
    /// </summary>
    private async Task<bool?> IsMountedAsync(ContainerPlace place, CancellationToken cancellationToken)
    {
        if (_mounted.TryGetValue(place.Id, out bool known))
            return known;
        bool? mounted = await Containers.ExecAsync(new ContainerOrder(place, [Helper]), cancellationToken).ConfigureAwait(false) switch
        {
            ContainerExecEnd.Exited { Code: Usage } => true,
            ContainerExecEnd.Exited or ContainerExecEnd.NoProgram => false,
            _ => null,
        };
        if (_mounted.Count >= MostRemembered)
            _mounted.Clear();
        if (mounted is { } learnt && place.Id.Length > 0)
            _mounted[place.Id] = learnt;
        return mounted;
    }
}
