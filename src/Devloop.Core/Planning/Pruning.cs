using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>What must stay whatever its age.</summary>
/// <param name="Current">What the config as it is now leads to.</param>
/// <param name="InCluster">Content tags that pods and objects of the cluster name.</param>
public sealed record PruneFacts(ImmutableHashSet<ImageDigest> Current, ImmutableHashSet<string> InCluster);

/// <summary>An image of the project that devloop named, at one place.</summary>
/// <param name="Names">All names that devloop gave it there.</param>
/// <param name="At">When it was used last; null when nobody knows.</param>
/// <param name="IsUsed">Something there holds it.</param>
public sealed record PruneCandidate(ImageName Image, ImageDigest Digest, ImmutableArray<ImageReference> Names, DateTimeOffset? At, long Bytes, bool IsUsed);

/// <param name="Kept">Why it stays; null when it goes.</param>
public sealed record PruneDecision(PruneCandidate Candidate, string? Kept);

/// <summary>
/// Decides which images of a project go. Only names that devloop made are looked at: the content tag of the very image that has it. What
/// runs, what the config leads to now and the newest of each image stay, and so does what nobody knows the age of.
/// </summary>
public static class Pruning
{
    private const string Aliases = "devloop-key-", Claims = "devloop-claim-";
    private const int KeyDigits = 32;

    /// <param name="keep">How many of each image stay for their age, at least 0.</param>
    public static ImmutableArray<PruneDecision> Decide(IEnumerable<PruneCandidate> candidates, int keep, PruneFacts facts) =>
        [.. candidates.GroupBy(c => c.Image).OrderBy(g => g.Key).SelectMany(g => OfImage(g, keep, facts))];

    /// <summary>What of an engine's images devloop made for the project.</summary>
    /// <param name="registry">Names below it are the project's too; null when there is none.</param>
    public static ImmutableArray<PruneCandidate> InEngine(IEnumerable<ImageTarget> images, RegistrySettings? registry, EngineContent content) =>
    [
        .. from image in images
           let repositories = Repositories(image, registry)
           from stored in content.Images
           let names = stored.Names.Where(n => repositories.Contains(n.Name) && n.Tag == ContentTag.Of(stored.Digest).Value).ToImmutableArray()
           where !names.IsEmpty
           select new PruneCandidate(image.Name, stored.Digest, names, null, stored.OwnBytes, stored.IsUsed),
    ];

    /// <summary>What of a repository devloop made: manifests all of whose tags are its own.</summary>
    public static ImmutableArray<(StoredManifest Manifest, PruneCandidate Candidate)> InRegistry(ImageName image, ImageReference repository, IEnumerable<StoredManifest> manifests) =>
    [
        .. manifests.Where(m => m.Digest is not null && m.Tags.All(t => IsOwn(t, m.Digest.Value)))
            .Select(m => (m, new PruneCandidate(image, m.Digest!.Value, [.. m.Tags.Select(repository.WithTag)], m.Created, 0, IsUsed: false))),
    ];

    private static IEnumerable<PruneDecision> OfImage(IEnumerable<PruneCandidate> candidates, int keep, PruneFacts facts)
    {
        int rank = 0;
        foreach (PruneCandidate candidate in candidates.OrderByDescending(c => c.At ?? DateTimeOffset.MaxValue).ThenBy(c => c.Digest.Value, StringComparer.Ordinal))
        {
            rank += candidate.At is null ? 0 : 1;
            yield return new PruneDecision(candidate,
                candidate.IsUsed ? "a container uses it"
                : facts.InCluster.Contains(ContentTag.Of(candidate.Digest).Value) ? "the cluster names it"
                : facts.Current.Contains(candidate.Digest) ? "the config leads to it now"
                : candidate.At is null ? "its age is not known"
                : rank <= keep ? (keep == 1 ? "the newest" : $"one of the newest {keep}")
                : null);
        }
    }

    /// <summary>The repositories that hold an image: its own name, and those below the registry.</summary>
    private static ImmutableHashSet<string> Repositories(ImageTarget image, RegistrySettings? registry)
    {
        ImageReference own = image.Selector.Reference;
        var all = ImmutableHashSet.Create(StringComparer.Ordinal, own.Name);
        return Delivery.Of(registry) is not { } delivery ? all
            : all.Add(delivery.PushReference(own, new ContentTag(ContentTag.Prefix)).Name).Add(delivery.PullReference(own, new ContentTag(ContentTag.Prefix)).Name);
    }

    private static bool IsOwn(string tag, ImageDigest digest) => tag == ContentTag.Of(digest).Value || IsKeyTag(tag, Aliases) || IsKeyTag(tag, Claims);

    private static bool IsKeyTag(string tag, string prefix) =>
        tag.Length == prefix.Length + KeyDigits && tag.StartsWith(prefix, StringComparison.Ordinal) && tag.Skip(prefix.Length).All(char.IsAsciiHexDigitLower);
}
