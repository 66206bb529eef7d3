using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>What has to be there before other objects can be applied: kinds, once their definition is served, and namespaces, once pods can start in them.</summary>
public sealed class CustomKinds(ICluster cluster, TimeProvider clock)
{
    /// <summary>An API server takes a second or two.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ObjectKind ServiceAccounts = new("v1", "ServiceAccount");
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<(string Group, string Kind), bool> _defined = [];

    /// <summary>Whether this run applied the definition of a kind: then a cluster that does not know it yet will soon.</summary>
    public bool AreDefined(ObjectKind kind) =>
        _defined.ContainsKey((kind.Group, kind.Kind));

    /// <summary>Waits until what an applied object brings can be used; all other objects bring nothing.</summary>
    /// <returns>Null, or why it cannot be used.</returns>
    public async Task<Diagnostic?> AwaitAsync(ObjectReference reference, JsonObject applied, bool isNew, CancellationToken cancellationToken)
    {
        if (ResourceNeeds.DefinedBy(applied) is { } kind)
        {
            _defined[kind] = true;
            return IsEstablished(applied) || await SeesAsync(reference.Kind, null, o => o.Text("metadata", "name") == reference.Name && IsEstablished(o), cancellationToken).ConfigureAwait(false)
                ? null
                : Diagnostic.Error(DiagnosticCode.KindNotEstablished, $"the cluster does not serve kind `{kind.Kind}` of `{reference}` after {Patience.TotalSeconds:0} s") with
                {
                    Help = $"`kubectl describe {reference}` shows under its conditions what the cluster makes of it",
                };
        }
        // A pod in a namespace without its account is refused.
        if (isNew && reference.Kind == new ObjectKind("v1", "Namespace"))
            await SeesAsync(ServiceAccounts, reference.Name, o => o.Text("metadata", "name") == "default", cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>Applies an object whose kind may just have been defined: for a while the answer that there is no such kind is none.</summary>
    public async Task<JsonObject> ApplyAsync(JsonObject rendered, ObjectKind kind, CancellationToken cancellationToken)
    {
        for (long began = clock.GetTimestamp(); ;)
        {
            try
            {
                return await cluster.ApplyAsync(rendered, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Reason == ClusterException.NoKindMatch && AreDefined(kind) && clock.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(BetweenTries, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsEstablished(JsonObject definition) => definition.Condition("Established").Text("status") == "True";

    /// <summary>Whether an object comes to be as wanted in time. Without the right to look, it is taken to be.</summary>
    private async Task<bool> SeesAsync(ObjectKind kind, string? @namespace, Func<JsonObject, bool> wanted, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await foreach (WatchNotice notice in cluster.WatchAsync(kind, @namespace, null, either.Token).ConfigureAwait(false))
            {
                if (notice is WatchNotice.Present present && wanted(present.Object))
                    return true;
            }
            return false;
        }
        catch (ClusterException)
        {
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
