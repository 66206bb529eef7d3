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

    /// <summary>What a shell says for a program that it does not find.</summary>
    private const int NotFound = 127;

    /// <summary>Words of a command go to API servers in the address of a request, of which they take about 1 MB.</summary>
    private const int MostWordBytes = 16 * 1024;

    /// <summary>
    /// <c>head</c> ends the input of <c>tar</c>, since not every API server does and BusyBox reads on behind the archive's end; with <c>-p</c> modes
    /// are not cut by a umask.
    /// </summary>
    private const string Unpack = "count=$1; shift; if [ $# -gt 0 ]; then rm -rf -- \"$@\" || exit; fi; if [ \"$count\" -gt 0 ]; then head -c \"$count\" | tar -xpf - -C /; fi";

    private readonly ConcurrentDictionary<string, bool> _helperless = new(StringComparer.Ordinal);

    public override IContainers Containers { get; } = new WatchedContainers(pods, clock);

    public override ValueTask<bool> ReachesAsync(ContainerPlace place, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public override async Task<WayOutcome?> WriteAsync(ContainerUpdate update, bool restart, CancellationToken cancellationToken)
    {
        if (!_helperless.ContainsKey(update.Place.Id))
        {
            if (await ApplyAsync(Helper, update, sources, restart, cancellationToken).ConfigureAwait(false) is { } outcome)
                return outcome;
            if (_helperless.Count >= MostRemembered)
                _helperless.Clear();
            _helperless[update.Place.Id] = true;
        }
        return await UnpackAsync(update, cancellationToken).ConfigureAwait(false);
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
