using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>
/// Containers of any cluster, as their own user: by the helper that <c>up</c> mounts into pods, else by what a shell of the image has. Which of
/// them a container has is learnt by trying.
/// </summary>
internal sealed class PodWay(IContainers pods, ISourceFiles sources, TimeProvider clock) : TransferWay
{
    /// <summary>As <c>LiveEquipment</c> mounts it.</summary>
    public const string Helper = "/.devloop/helper";

    private const int MostRemembered = 10_000;

    /// <summary>How the helper ends when it is not told what to do; base.h.</summary>
    private const int Usage = 64;

    /// <summary>What a shell says for a program that it does not find.</summary>
    private const int NotFound = 127;

    /// <summary>Words of a command go to API servers in the address of a request, of which they take about 1 MB.</summary>
    private const int MostWordBytes = 16 * 1024;

    /// <summary>
    /// <c>head</c> ends the input of <c>tar</c>, since not every API server does and BusyBox reads on behind the archive's end; with <c>-p</c> modes
    /// are not cut by a umask. What is left of the input is taken, for whoever still writes may not hear why it ended.
    /// </summary>
    private const string Unpack = "count=$1; shift; if [ $# -gt 0 ]; then rm -rf -- \"$@\" || exit; fi; if [ \"$count\" -gt 0 ]; then head -c \"$count\" | { tar -xpf - -C /; code=$?; cat > /dev/null; exit $code; }; fi";

    private readonly ConcurrentDictionary<string, bool> _mounted = new(StringComparer.Ordinal);

    public override IContainers Containers { get; } = new WatchedContainers(pods, clock);

    public override ValueTask<bool> ReachesAsync(ContainerPlace place, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public override async Task<WayOutcome?> WriteAsync(ContainerUpdate update, bool restart, CancellationToken cancellationToken)
    {
        bool? mounted = await IsMountedAsync(update.Place, cancellationToken).ConfigureAwait(false);
        if (mounted != false && await ApplyAsync(Helper, update, sources, restart, cancellationToken).ConfigureAwait(false) is { } outcome)
            return outcome;
        return await UnpackAsync(update, cancellationToken).ConfigureAwait(false);
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

    private async Task<WayOutcome?> UnpackAsync(ContainerUpdate update, CancellationToken cancellationToken)
    {
        // All that is to be gone goes first, since tar has no word for it.
        var some = new List<string>();
        foreach (OverlayEntry.Gone gone in update.Entries.OfType<OverlayEntry.Gone>())
        {
            if (some.Count > 0 && some.Sum(Encoding.UTF8.GetByteCount) + Encoding.UTF8.GetByteCount(gone.Path) > MostWordBytes)
            {
                WayOutcome? outcome = await ShellAsync(update.Place, some, null, 0, cancellationToken).ConfigureAwait(false);
                if (outcome is not { Failure: null })
                    return outcome;
                some.Clear();
            }
            some.Add(gone.Path);
        }
        var archive = new UpdateArchive([.. update.Entries.Where(e => e is not OverlayEntry.Gone)], GnuHeaders.Instance, sources);
        bool hasFiles = update.Entries.Any(e => e is not OverlayEntry.Gone);
        await using Stream? input = hasFiles ? archive.Open() : null;
        return await ShellAsync(update.Place, some, input, hasFiles ? archive.Size : 0, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Null when the container has not the programs for it.</returns>
    private async Task<WayOutcome?> ShellAsync(ContainerPlace place, IReadOnlyList<string> gone, Stream? input, long size, CancellationToken cancellationToken)
    {
        var told = new ArrayBufferWriter<byte>();
        ImmutableArray<string> words = [ContainerRuns.Shell, "-c", Unpack, "sh", size.ToString(CultureInfo.InvariantCulture), .. gone];
        ContainerExecEnd end = await Containers.ExecAsync(new ContainerOrder(place, words) { Input = input, Output = (bytes, _) => Keep(told, bytes) }, cancellationToken).ConfigureAwait(false);
        return end switch
        {
            ContainerExecEnd.Exited { Code: 0 } => new WayOutcome(null),
            ContainerExecEnd.Exited { Code: NotFound } => null,
            ContainerExecEnd.Exited { Code: < NotFound } => new WayOutcome(new ContainerUpdateOutcome.Refused(Refusal(place, Encoding.UTF8.GetString(told.WrittenSpan)))),
            _ => await EndedAsync(place, end, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>The programs tell errors in the words of strerror(3), as long as no locale is set.</summary>
    private static Diagnostic Refusal(ContainerPlace place, string told) =>
        told.Contains("Read-only file system", StringComparison.Ordinal) ? TransferProblem.ReadOnly(place, null)
        : told.Contains("Permission denied", StringComparison.Ordinal) || told.Contains("Operation not permitted", StringComparison.Ordinal) ? TransferProblem.NotPermitted(place, null, null)
        : told.Contains("No space left", StringComparison.Ordinal) ? TransferProblem.NoSpace(place, null)
        : TransferProblem.Rejected(place, null, "its `tar` failed", [.. told.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10)]);
}
