using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Devloop.Ports;
using Shouldly;

namespace Devloop.Testing.Clusters;

/// <summary>What the watches of a namespace have told so far; waits for conditions without ever sleeping.</summary>
public sealed class ClusterView(ICluster cluster, string @namespace)
{
    private static readonly ImmutableArray<ObjectKind> Kinds = [new("apps/v1", "Deployment"), new("apps/v1", "ReplicaSet"), new("v1", "Pod")];

    private readonly Dictionary<(string Kind, string Name), JsonObject> _objects = [];

    public JsonObject? Find(ObjectKind kind, string name) => _objects.GetValueOrDefault((kind.Kind, name));

    public IReadOnlyList<JsonObject> All(string kind) => [.. _objects.Where(o => o.Key.Kind == kind).Select(o => o.Value)];

    /// <summary>Asks after every notice until the answer is as wanted; a token that runs out tells the last answer.</summary>
    public async Task<T> UntilAsync<T>(Func<ClusterView, T?> ask, Func<T, bool> wanted, CancellationToken cancellationToken) where T : class
    {
        var notices = Channel.CreateUnbounded<(string Kind, WatchNotice Notice)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] watches = [.. Kinds.Select(k => FollowAsync(k, notices.Writer, stop.Token))];
        int synced = 0;
        T? last = null;
        try
        {
            await foreach ((string kind, WatchNotice notice) in notices.Reader.ReadAllAsync(cancellationToken))
            {
                synced += notice is WatchNotice.Synced ? 1 : 0;
                Take(kind, notice);
                last = synced >= Kinds.Length ? ask(this) : null;
                if (last is not null && wanted(last))
                    return last;
            }
        }
        catch (OperationCanceledException)
        {
            throw new ShouldAssertException($"in time; the last answer was {last?.ToString() ?? "none"}");
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(watches);
        }
        throw new ShouldAssertException("the watches ended");
    }

    private void Take(string kind, WatchNotice notice)
    {
        if (notice is WatchNotice.Present { Object: var present })
            _objects[(kind, (string)present["metadata"]!["name"]!)] = present;
        else if (notice is WatchNotice.Gone { Object: var gone })
            _objects.Remove((kind, (string)gone["metadata"]!["name"]!));
    }

    private async Task FollowAsync(ObjectKind kind, ChannelWriter<(string, WatchNotice)> into, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (WatchNotice notice in cluster.WatchAsync(kind, @namespace, null, cancellationToken))
                into.TryWrite((kind.Kind, notice));
        }
        catch (OperationCanceledException)
        {
            // The view has what it wanted.
        }
        catch (ClusterException e)
        {
            into.TryComplete(e);
        }
    }
}
