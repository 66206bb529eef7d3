using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>
/// Keeps the record of what a project applied, in the cluster. An object stands in it before it is applied, so that none is ever forgotten;
/// it is written only when it has to say something else. Without the right to write it, the run goes on and deletes nothing.
/// </summary>
public sealed class RecordKeeper(ICluster cluster, RecordPlace place, string project, string defaultNamespace, Action<SideNews> tell) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>What the record surely says of this run's objects.</summary>
    private ImmutableHashSet<RecordedObject> _written = [];

    private ImmutableArray<RecordedObject> _expected = [];
    private bool _unavailable;
    private bool _told;

    public RecordPlace Place => place;

    /// <summary>All that this run is going to apply: one write is enough for it.</summary>
    public void Expect(ImmutableArray<ResourceDefinition> resources) => _expected = [.. resources.SelectMany(r => Leftovers.RecordedOf(r, defaultNamespace))];

    /// <summary>Makes sure that the record has the objects of a resource.</summary>
    /// <param name="mayComeLater">The record's namespace may be among what is applied yet.</param>
    /// <exception cref="ClusterException">The cluster gives no answer.</exception>
    public async Task EnsureAsync(ResourceDefinition resource, bool mayComeLater, CancellationToken cancellationToken)
    {
        RecordedObject[] needed = [.. Leftovers.RecordedOf(resource, defaultNamespace)];
        if (_unavailable || needed.All(_written.Contains))
            return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_unavailable || needed.All(_written.Contains))
                return;
            AppliedRecord now = await ReadAsync(cancellationToken).ConfigureAwait(false);
            AppliedRecord next = now.With([.. _expected, .. needed]);
            if (!now.SameAs(next))
                await cluster.ApplyAsync(next.Write(place, project), cancellationToken).ConfigureAwait(false);
            _written = [.. next.Objects];
        }
        catch (ClusterException e) when (e.Status == 404)
        {
            // Somebody may make the namespace yet, so it is tried again with the next deploy.
            if (!mayComeLater)
                Tell(e);
        }
        catch (ClusterException e) when (e.Status != 0)
        {
            GiveUp(e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What the record says; empty when it may not be read.</summary>
    /// <exception cref="ClusterException">The cluster gives no answer, or there is no record and no right to make one.</exception>
    public async Task<AppliedRecord> ReadAsync(CancellationToken cancellationToken) =>
        AppliedRecord.Read(await cluster.GetAsync(place.Reference, cancellationToken).ConfigureAwait(false));

    /// <summary>The same, where a record that may not be read is none.</summary>
    /// <exception cref="ClusterException">The cluster gives no answer.</exception>
    public async Task<AppliedRecord> ReadOrNoneAsync(CancellationToken cancellationToken)
    {
        if (_unavailable)
            return AppliedRecord.Empty;
        try
        {
            return await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Status != 0)
        {
            GiveUp(e);
            return AppliedRecord.Empty;
        }
    }

    /// <summary>Takes objects out of the record; the last one takes the record with it.</summary>
    /// <exception cref="ClusterException">The cluster refuses or gives no answer.</exception>
    public async Task ForgetAsync(IReadOnlyCollection<RecordedObject> gone, CancellationToken cancellationToken)
    {
        if (gone.Count == 0)
            return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await cluster.GetAsync(place.Reference, cancellationToken).ConfigureAwait(false) is not { } live)
                return;
            AppliedRecord next = AppliedRecord.Read(live).Without(gone);
            if (next.Objects.IsEmpty)
                await cluster.DeleteAsync(place.Reference, DeletePropagation.Background, cancellationToken).ConfigureAwait(false);
            else
                await cluster.ApplyAsync(next.Write(place, project), cancellationToken).ConfigureAwait(false);
            _written = _written.Except(gone);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private void GiveUp(ClusterException why)
    {
        _unavailable = true;
        Tell(why);
    }

    private void Tell(ClusterException why)
    {
        if (_told)
            return;
        _told = true;
        Diagnostic reason = ApiFailure.ToDiagnostic(why, place.Reference);
        tell(new SideNews.Notice(Diagnostic.Error(DiagnosticCode.RecordUnavailable, $"what is applied cannot be written down in `{place.Reference}` of namespace `{place.Namespace}`") with
        {
            Severity = Severity.Warning,
            Notes = [reason.Message],
            Help = "everything is deployed all the same, but what leaves the config stays in the cluster; "
                + (why.Status == 404 ? $"`kubectl create namespace {place.Namespace}` mends it" : "the verbs `get`, `create`, `patch` and `delete` on `configmaps` mend it"),
        }));
    }
}
