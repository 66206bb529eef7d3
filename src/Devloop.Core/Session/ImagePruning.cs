using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>One thing that was looked at.</summary>
/// <param name="Where">The engine, or the host of a registry.</param>
/// <param name="Name">As people would name it.</param>
/// <param name="Kept">Why it stayed; null when it went, or would go.</param>
public sealed record PrunedItem(ImageName Image, string Where, string Name, ImageDigest Digest, long Bytes, string? Kept);

/// <summary>What pruning did, or would do.</summary>
/// <param name="Failures">What should have gone and did not.</param>
/// <param name="Remarks">What was left alone on purpose.</param>
public sealed record PruneReport(ImmutableArray<PrunedItem> Items, long FreedBytes, ImmutableArray<Diagnostic> Failures, ImmutableArray<string> Remarks);

/// <summary>Takes old images of a project away where they are; <see cref="Pruning"/> decides which.</summary>
/// <param name="cluster">Null when there is none to ask.</param>
/// <param name="clusterIsSilent">The project has resources, and the cluster that runs them could not be asked.</param>
public sealed partial class ImagePruning(ResolvedProject project, IEngineCleaning engine, IRegistryCleaning registries, ICluster? cluster, bool clusterIsSilent)
{
    private bool _clusterIsSilent = clusterIsSilent;

    private const string Engine = "engine";

    private readonly ImmutableArray<PrunedItem>.Builder _items = ImmutableArray.CreateBuilder<PrunedItem>();
    private readonly ImmutableArray<Diagnostic>.Builder _failures = ImmutableArray.CreateBuilder<Diagnostic>();
    private readonly ImmutableArray<string>.Builder _remarks = ImmutableArray.CreateBuilder<string>();

    /// <summary>Throws <see cref="EngineUnreachableException"/>. A registry out of reach is a failure among others.</summary>
    /// <param name="current">What the config as it is now leads to.</param>
    /// <param name="cache">Empty the engine's build cache too.</param>
    /// <param name="dryRun">Only say what would go.</param>
    public async Task<PruneReport> RunAsync(IEnumerable<ImageDigest> current, int keep, bool cache, bool dryRun, CancellationToken cancellationToken)
    {
        var facts = new PruneFacts([.. current], await AskClusterAsync(cancellationToken).ConfigureAwait(false));
        EngineContent before = await engine.ListAsync(cancellationToken).ConfigureAwait(false);
        var ages = new Dictionary<ImageDigest, DateTimeOffset?>();
        ImmutableArray<ImageTarget> images = [.. project.Images.Select(i => i.Target)];
        ImmutableArray<PruneCandidate> inEngine = Pruning.InEngine(images, project.Config.Registry, before);
        foreach (ImageDigest digest in inEngine.Select(c => c.Digest).Distinct())
            ages[digest] = await engine.NamedAtAsync(digest, cancellationToken).ConfigureAwait(false);

        long freed = 0;
        foreach (PruneDecision decision in Pruning.Decide(inEngine.Select(c => c with { At = ages[c.Digest] }), keep, facts))
            freed += await InEngineAsync(decision, dryRun, cancellationToken).ConfigureAwait(false);
        await InRegistriesAsync(images, keep, facts, ages, dryRun, cancellationToken).ConfigureAwait(false);
        if (!dryRun && freed > 0)
        {
            // Layers that two of them shared are freed too, which only the engine can count.
            long after = (await engine.ListAsync(cancellationToken).ConfigureAwait(false)).LayerBytes;
            freed = Math.Max(freed, before.LayerBytes - after);
        }
        if (cache)
            freed += dryRun ? before.CacheBytes : await engine.PruneCacheAsync(cancellationToken).ConfigureAwait(false);
        return new PruneReport(_items.ToImmutable(), freed, _failures.ToImmutable(), _remarks.ToImmutable());
    }

    private async Task<long> InEngineAsync(PruneDecision decision, bool dryRun, CancellationToken cancellationToken)
    {
        PruneCandidate candidate = decision.Candidate;
        var item = new PrunedItem(candidate.Image, Engine, candidate.Names[0].Familiar, candidate.Digest, candidate.Bytes, decision.Kept);
        if (decision.Kept is null && !dryRun)
        {
            foreach (ImageReference name in candidate.Names)
            {
                if (await engine.RemoveAsync(name, cancellationToken).ConfigureAwait(false) == EngineRemoval.InUse)
                    item = item with { Kept = "a container uses it" }; // one that began meanwhile
            }
        }
        _items.Add(item);
        return item.Kept is null ? item.Bytes : 0;
    }

    private async Task InRegistriesAsync(ImmutableArray<ImageTarget> images, int keep, PruneFacts facts, Dictionary<ImageDigest, DateTimeOffset?> ages, bool dryRun, CancellationToken cancellationToken)
    {
        if (BuildMemory.Of(project.Config.Registry, whole: true) is not { } memory)
            return;
        if (_clusterIsSilent)
        {
            _remarks.Add($"nothing is deleted from `{memory.Host}`: the cluster cannot be asked what it runs");
            return;
        }
        foreach (ImageTarget image in images)
        {
            ImageReference repository = memory.ImageAt(image.Selector.Reference, new ContentTag(ContentTag.Prefix));
            try
            {
                var found = Pruning.InRegistry(image.Name, repository, await registries.ListAsync(repository, cancellationToken).ConfigureAwait(false));
                var manifests = found.ToDictionary(f => f.Candidate.Names[0], f => f.Manifest.ManifestDigest);
                foreach (PruneDecision decision in Pruning.Decide(found.Select(f => f.Candidate with { At = ages.GetValueOrDefault(f.Candidate.Digest) ?? f.Candidate.At }), keep, facts))
                {
                    if (decision.Kept is null && !dryRun
                        && await registries.DeleteAsync(repository, manifests[decision.Candidate.Names[0]], cancellationToken).ConfigureAwait(false) == RegistryDeletion.NotSupported)
                    {
                        _remarks.Add($"nothing is deleted from `{memory.Host}`: the registry does not delete");
                        return;
                    }
                    ImageReference name = decision.Candidate.Names.FirstOrDefault(n => n.Tag == ContentTag.Of(decision.Candidate.Digest).Value) ?? decision.Candidate.Names[0];
                    _items.Add(new PrunedItem(image.Name, repository.Domain, name.Familiar, decision.Candidate.Digest, 0, decision.Kept));
                }
            }
            catch (RegistryException e)
            {
                _failures.Add(Diagnostic.Error(DiagnosticCode.PruneIncomplete, $"`{repository.FamiliarName}` was not pruned: {e.Diagnostic.Message}") with { Help = e.Diagnostic.Help });
                return;
            }
        }
    }

    private async Task<ImmutableHashSet<string>> AskClusterAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await NamedInClusterAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException)
        {
            _clusterIsSilent = true;
            return [];
        }
    }

    /// <summary>The content tags in the live objects of the project and in the pods of their namespaces.</summary>
    private async Task<ImmutableHashSet<string>> NamedInClusterAsync(CancellationToken cancellationToken)
    {
        var tags = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        if (cluster is null)
            return tags.ToImmutable();
        var namespaces = new HashSet<string>(StringComparer.Ordinal);
        foreach (KubernetesObject item in project.Resources.SelectMany(r => r.Objects))
        {
            JsonObject? live = null;
            try
            {
                live = await cluster.GetAsync(item.Reference, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterException e) when (e.Reason == ClusterException.NoKindMatch)
            {
                // Its kind is not there, so it is not either.
            }
            if (live is null)
                continue;
            tags.UnionWith(TagsIn(live));
            if ((string?)live["metadata"]?["namespace"] is { } name)
                namespaces.Add(name);
        }
        foreach (string name in namespaces)
        {
            await foreach (WatchNotice notice in cluster.WatchAsync(new ObjectKind("v1", "Pod"), name, null, cancellationToken).ConfigureAwait(false))
            {
                if (notice is WatchNotice.Present present)
                    tags.UnionWith(TagsIn(present.Object));
                else if (notice is WatchNotice.Synced)
                    break;
                else if (notice is WatchNotice.Lost lost)
                    throw new ClusterException(0, "", lost.Reason);
            }
        }
        return tags.ToImmutable();
    }

    private static IEnumerable<string> TagsIn(JsonObject json) => ContentTags().Matches(json.ToJsonString()).Select(m => m.Value);

    [GeneratedRegex("devloop-[0-9a-f]{16}(?![0-9a-f])")]
    private static partial Regex ContentTags();
}
