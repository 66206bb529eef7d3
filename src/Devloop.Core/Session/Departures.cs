using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>Waits until a deleted object is gone, by a watch where it does not go at once: tells what it waits for when that takes long, and does not wait for ever.</summary>
public sealed class Departures(ICluster cluster, string defaultNamespace, TimeProvider clock, Action<SideNews> tell)
{
    /// <summary>After that the user hears what is waited for.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    /// <summary>Pods may have 30 s to end; a namespace, and what it holds, needs longer than one object.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <param name="uid">Of the object that has to go; one made anew under its name is another.</param>
    /// <returns>Null when it is gone; else why it is not, after <see cref="Patience"/>, or three times that for a Namespace.</returns>
    /// <exception cref="ClusterException">The cluster gives no answer.</exception>
    public async Task<Diagnostic?> AwaitAsync(ObjectReference reference, string uid, CancellationToken cancellationToken)
    {
        // Most objects go at once: a look is cheaper than a watch, which begins with a list of the whole kind.
        if (await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false) is not { } left || left.Uid() != uid)
            return null;
        TimeSpan patience = reference.Kind.Kind == "Namespace" ? Patience * 3 : Patience;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task gone = WatchAsync(reference, uid, stop.Token);
        try
        {
            if (await EndsAsync(gone, Silence, cancellationToken).ConfigureAwait(false))
                return null;
            tell(new SideNews.WaitsToGo(reference, await WhyAsync(reference, cancellationToken).ConfigureAwait(false)));
            if (await EndsAsync(gone, patience - Silence, cancellationToken).ConfigureAwait(false))
                return null;
            string why = await WhyAsync(reference, cancellationToken).ConfigureAwait(false);
            return Diagnostic.Error(DiagnosticCode.DeletionHangs, $"`{reference}` was deleted and is still there after {patience.TotalSeconds:0} s: {why}") with
            {
                Help = why.StartsWith("finalizer", StringComparison.Ordinal)
                    ? $"who set the finalizer has to take it off; `kubectl edit {reference}` can, once what it guards is cleaned up"
                    : $"`kubectl describe {reference}` shows what the cluster waits for",
            };
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await gone.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> EndsAsync(Task gone, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await gone.WaitAsync(within, clock, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<string> WhyAsync(ObjectReference reference, CancellationToken cancellationToken)
    {
        JsonObject? live = await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false);
        // The garbage collector's own finalizers say that what it owns goes first.
        string[] finalizers = [.. (live?["metadata"]?["finalizers"] as JsonArray ?? []).Select(f => f.Text()).OfType<string>().Where(f => f is not ("foregroundDeletion" or "orphan"))];
        return finalizers.Length switch
        {
            0 => "what belongs to it goes first",
            1 => $"finalizer `{finalizers[0]}` holds it",
            _ => $"finalizers {string.Join(", ", finalizers.Select(f => $"`{f}`"))} hold it",
        };
    }

    private async Task WatchAsync(ObjectReference reference, string uid, CancellationToken cancellationToken)
    {
        try
        {
            await SeeGoneAsync(reference, uid, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Status == 403)
        {
            // Who may delete an object may not always list its kind.
            while (await cluster.GetAsync(reference, cancellationToken).ConfigureAwait(false) is { } live && live.Uid() == uid)
                await Task.Delay(BetweenLooks, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SeeGoneAsync(ObjectReference reference, string uid, CancellationToken cancellationToken)
    {
        bool seen = false;
        await foreach (WatchNotice notice in cluster.WatchAsync(reference.Kind, reference.Namespace ?? defaultNamespace, null, cancellationToken).ConfigureAwait(false))
        {
            switch (notice)
            {
                case WatchNotice.Present present when Is(present.Object):
                    seen = true;
                    break;
                case WatchNotice.Gone gone when Is(gone.Object):
                case WatchNotice.Synced when !seen:
                    return;
            }
        }

        bool Is(JsonObject item) => item.Uid() == uid;
    }
}
