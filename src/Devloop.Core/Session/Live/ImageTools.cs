using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>What the image of a container has itself: a shell, <c>head</c>, <c>tar</c> and <c>rm</c>.</summary>
internal sealed class ImageTools(TransferWay way, ISourceFiles sources)
{
    /// <summary>What a shell says for a program that it does not find.</summary>
    private const int NotFound = 127;

    /// <summary>How the script ends when a directory is where none may be; its path is the output.</summary>
    private const int Surprise = 85;

    /// <summary>Words of a command go to API servers in the address of a request, of which they take about 1 MB.</summary>
    private const int MostWordBytes = 16 * 1024;

    /// <summary>
    /// Gets the size of the archive, and how many of the paths may be no directory; the others are to be gone. <c>head</c> ends the input of
    /// <c>tar</c>, since not every API server does and BusyBox reads on behind the archive's end; with <c>-p</c> modes are not cut by a umask. What is
    /// left of the input is taken, for whoever still writes may not hear why it ended.
    /// </summary>
    private const string Script = """
        count=$1 never=$2
        shift 2
        while [ "$never" -gt 0 ]; do
          if [ -d "$1" ]; then printf %s "$1"; exit 85; fi
          shift
          never=$((never - 1))
        done
        if [ $# -gt 0 ]; then rm -rf -- "$@" || exit; fi
        if [ "$count" -gt 0 ]; then head -c "$count" | { tar -xpf - -C /; code=$?; cat > /dev/null; exit $code; }; fi
        """;

    /// <returns>Null when the container has not the programs for it.</returns>
    public async Task<WayOutcome?> WriteAsync(ContainerUpdate update, CancellationToken cancellationToken)
    {
        // All that is to be gone goes first, since tar has no word for it; and before that it is looked whether all may be done.
        List<List<(string Path, bool IsNever)>> batches = InBatches(
            [.. update.Entries.OfType<OverlayEntry.File>().Where(f => f.NeverDirectory).Select(f => (f.Path, true)), .. update.Entries.OfType<OverlayEntry.Gone>().Select(g => (g.Path, false))]);
        foreach (List<(string Path, bool IsNever)> batch in batches[..^1])
        {
            WayOutcome? outcome = await RunAsync(update.Place, batch, null, 0, cancellationToken).ConfigureAwait(false);
            if (outcome is not { Failure: null })
                return outcome;
        }
        ImmutableArray<OverlayEntry> there = [.. update.Entries.Where(e => e is not OverlayEntry.Gone)];
        var archive = new UpdateArchive(there, GnuHeaders.Instance, sources);
        await using Stream? input = there.IsEmpty ? null : archive.Open();
        return await RunAsync(update.Place, batches[^1], input, there.IsEmpty ? 0 : archive.Size, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>At least one, which may be empty.</summary>
    private static List<List<(string Path, bool IsNever)>> InBatches(IEnumerable<(string Path, bool IsNever)> paths)
    {
        List<List<(string, bool)>> batches = [[]];
        int bytes = 0;
        foreach ((string path, bool isNever) in paths)
        {
            int more = Encoding.UTF8.GetByteCount(path);
            if (bytes + more > MostWordBytes && batches[^1].Count > 0)
            {
                batches.Add([]);
                bytes = 0;
            }
            batches[^1].Add((path, isNever));
            bytes += more;
        }
        return batches;
    }

    private async Task<WayOutcome?> RunAsync(ContainerPlace place, List<(string Path, bool IsNever)> paths, Stream? input, long size, CancellationToken cancellationToken)
    {
        var told = new ArrayBufferWriter<byte>();
        ImmutableArray<string> words =
        [
            ContainerRuns.Shell, "-c", Script, "sh", size.ToString(CultureInfo.InvariantCulture), paths.Count(p => p.IsNever).ToString(CultureInfo.InvariantCulture), .. paths.Select(p => p.Path),
        ];
        ContainerExecEnd end = await way.Containers.ExecAsync(new ContainerOrder(place, words) { Input = input, Output = (bytes, _) => TransferWay.Keep(told, bytes) }, cancellationToken).ConfigureAwait(false);
        string text = Encoding.UTF8.GetString(told.WrittenSpan);
        return end switch
        {
            ContainerExecEnd.Exited { Code: 0 } => new WayOutcome(null),
            ContainerExecEnd.Exited { Code: NotFound } => null,
            ContainerExecEnd.Exited { Code: Surprise } => new WayOutcome(new ContainerUpdateOutcome.Refused(TransferProblem.Surprise(place, text))),
            ContainerExecEnd.Exited { Code: < NotFound } => new WayOutcome(new ContainerUpdateOutcome.Refused(Refusal(place, text))),
            _ => await way.EndedAsync(place, end, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>The programs tell errors in the words of strerror(3), as long as no locale is set.</summary>
    private static Diagnostic Refusal(ContainerPlace place, string told) =>
        told.Contains("Read-only file system", StringComparison.Ordinal) ? TransferProblem.ReadOnly(place, null)
        : told.Contains("Permission denied", StringComparison.Ordinal) || told.Contains("Operation not permitted", StringComparison.Ordinal) ? TransferProblem.NotPermitted(place, null, null)
        : told.Contains("No space left", StringComparison.Ordinal) ? TransferProblem.NoSpace(place, null)
        : TransferProblem.Rejected(place, null, "its `tar` failed", [.. told.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10)]);
}
