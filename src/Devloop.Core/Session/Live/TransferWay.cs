using System.Buffers;
using System.Collections.Immutable;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>What a way made of the entries of an update.</summary>
/// <param name="Failure">Null when they are there.</param>
/// <param name="Restarted">The process was started again with them.</param>
internal readonly record struct WayOutcome(ContainerUpdateOutcome? Failure, bool Restarted = false);

/// <summary>A way by which files get into a container.</summary>
internal abstract class TransferWay
{
    /// <summary>Where commands of the update run.</summary>
    public abstract IContainers Containers { get; }

    /// <summary>Whether commands of devloop's own run as root.</summary>
    public virtual bool AsRoot => false;

    /// <summary>Whether the container is one of those that this way reaches.</summary>
    public abstract ValueTask<bool> ReachesAsync(ContainerPlace place, CancellationToken cancellationToken);

    /// <summary>Writes the entries, and starts the process again where it can do both at once and is asked to.</summary>
    /// <returns>Null when the container is not to be reached by this way.</returns>
    public abstract Task<WayOutcome?> WriteAsync(ContainerUpdate update, bool restart, CancellationToken cancellationToken);

    /// <summary>Gives entries to a helper in the container. Null when it has none there, as far as that is heard: input that is under way may hide it.</summary>
    protected async Task<WayOutcome?> ApplyAsync(string helper, ContainerUpdate update, ISourceFiles sources, bool restart, CancellationToken cancellationToken)
    {
        ImmutableArray<string> words = restart ? [helper, "apply", "--restart", update.Place.Container] : [helper, "apply"];
        var errors = new ArrayBufferWriter<byte>();
        using var told = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using Stream input = new UpdateArchive(update.Entries, HelperHeaders.Instance, sources).Open();
        var order = new ContainerOrder(update.Place, words)
        {
            Input = input,
            AsRoot = AsRoot,
            Output = (bytes, _) =>
            {
                Keep(errors, bytes);
                // What it said is the end, whatever of the files is still under way.
                if (HelperAnswer.IsTold(errors.WrittenSpan))
                    told.Cancel();
            },
        };
        ContainerExecEnd? end = null;
        try
        {
            end = await Containers.ExecAsync(order, told.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It told.
        }
        return end is ContainerExecEnd.Exited { Code: 0 } || HelperAnswer.IsDone(errors.WrittenSpan) ? new WayOutcome(null, restart)
            : HelperAnswer.Of(update.Place, errors.WrittenSpan) is { } answer ? new WayOutcome(answer)
            : await EndedAsync(update.Place, end ?? new ContainerExecEnd.Lost("it was given up"), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an end means that the helper has no code for: somebody ended it.</summary>
    public async Task<WayOutcome?> EndedAsync(ContainerPlace place, ContainerExecEnd end, CancellationToken cancellationToken)
    {
        if (end is ContainerExecEnd.NotThere || await Containers.RunsAsync(place, cancellationToken).ConfigureAwait(false) == false)
            return new WayOutcome(new ContainerUpdateOutcome.Gone());
        return end switch
        {
            ContainerExecEnd.NoProgram => null,
            ContainerExecEnd.Forbidden forbidden => new WayOutcome(new ContainerUpdateOutcome.Refused(TransferProblem.Forbidden(place, forbidden.Text))),
            ContainerExecEnd.Lost lost => new WayOutcome(new ContainerUpdateOutcome.Broken(TransferProblem.Broken(place, lost.Text))),
            ContainerExecEnd.Exited exited => new WayOutcome(new ContainerUpdateOutcome.Broken(TransferProblem.Broken(place, $"what unpacks the files was ended (exit code {exited.Code})"))),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>The first 16 KB of what was written: a line with the longest path fits.</summary>
    public static void Keep(ArrayBufferWriter<byte> into, ReadOnlyMemory<byte> bytes) =>
        into.Write(bytes.Span[..Math.Min(bytes.Length, Math.Max(0, 16 * 1024 - into.WrittenCount))]);
}
