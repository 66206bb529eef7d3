using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Engine.Live;

/// <summary>What images were built from, and what their containers are to show.</summary>
internal static class LiveContents
{
    /// <summary>Origins kept before those that nobody refers to are forgotten.</summary>
    private const int MostOrigins = 64;

    /// <summary>What an image and its bases have of their contexts now; null while that of one is not known.</summary>
    public static LiveContent? Wanted(EngineState state, ImageName image)
    {
        var contexts = ImmutableSortedDictionary.CreateBuilder<ImageName, ContextSnapshot>();
        foreach (ImageName name in state.Project.Graph.WithBases([image]))
        {
            if (state.Images[name].Seen is not { } seen)
                return null;
            contexts.Add(name, seen.Live);
        }
        return new LiveContent(contexts.ToImmutable());
    }

    /// <summary>What an image was built from, with its bases; null when this run has not seen that.</summary>
    public static LiveContent? Of(EngineState state, ImageName image, ContentTag tag)
    {
        var contexts = ImmutableSortedDictionary.CreateBuilder<ImageName, ContextSnapshot>();
        foreach (Fingerprint origin in Origins(state, image, tag))
        {
            if (origin.Image is null)
                return null;
            contexts[origin.Image.Name] = origin.Live;
        }
        return contexts.Count == 0 ? null : new LiveContent(contexts.ToImmutable());
    }

    /// <summary>Whether an image would be built in the same way now, but for the files of contexts: then only they can differ.</summary>
    public static bool IsSameButForFiles(EngineState state, ImageName image, ContentTag tag)
    {
        ImmutableArray<Fingerprint> origins = Origins(state, image, tag);
        return !origins.IsEmpty && origins.All(o => state.Images.GetValueOrDefault(o.Image.Name)?.Seen is { } now && Settings(o).SequenceEqual(Settings(now)));
    }

    /// <summary>Remembers what an image was built from.</summary>
    public static void Remember(Turn turn, ImageName image, ImageDigest digest, Fingerprint from)
    {
        if (!turn.State.Project.HasLiveUpdate)
            return;
        // What is synced and no build reads is not in the image: what was there first is what its containers began with.
        if (turn.State.Origins.TryGetValue((image, ContentTag.Of(digest)), out Fingerprint? known) && known.Key == from.Key)
            return;
        ImmutableDictionary<(ImageName, ContentTag), Fingerprint> origins = turn.State.Origins.SetItem((image, ContentTag.Of(digest)), from);
        turn.State = turn.State with { Origins = origins };
        if (origins.Count > MostOrigins + (2 * turn.State.Images.Count))
            turn.State = turn.State with { Origins = Referred(turn.State) };
    }

    /// <summary>Of an image and its bases, each with what this very digest was built from; empty when one is not known.</summary>
    private static ImmutableArray<Fingerprint> Origins(EngineState state, ImageName image, ContentTag tag)
    {
        var found = ImmutableArray.CreateBuilder<Fingerprint>();
        var open = new Stack<(ImageName, ContentTag)>([(image, tag)]);
        while (open.TryPop(out (ImageName, ContentTag) next))
        {
            if (!state.Origins.TryGetValue(next, out Fingerprint? origin))
                return [];
            found.Add(origin);
            foreach ((ImageName name, ImageDigest digest) in origin.Bases)
                open.Push((name, ContentTag.Of(digest)));
        }
        return found.ToImmutable();
    }

    /// <summary>The digests of bases stand for files of their contexts, which are compared by themselves.</summary>
    private static IEnumerable<KeyField> Settings(Fingerprint fingerprint) => fingerprint.Fields.Where(f => !f.Name.StartsWith(ContentKeys.BaseField, StringComparison.Ordinal));

    private static ImmutableDictionary<(ImageName, ContentTag), Fingerprint> Referred(EngineState state)
    {
        IEnumerable<(ImageName, ContentTag)> roots =
        [
            .. state.Images.Where(i => i.Value.Result is not null).Select(i => (i.Key, i.Value.Result!.Tag)),
            .. state.Resources.Values.SelectMany(r => r.Images.Concat(r.DeployingImages)).Select(i => (i.Key, ContentTag.Of(i.Value))),
            .. state.Resources.Values.SelectMany(r => r.Containers.Values).Select(c => (c.Seen.Image, c.Seen.Tag)),
        ];
        var kept = ImmutableDictionary.CreateBuilder<(ImageName, ContentTag), Fingerprint>();
        var open = new Stack<(ImageName, ContentTag)>(roots);
        while (open.TryPop(out (ImageName, ContentTag) next))
        {
            if (kept.ContainsKey(next) || !state.Origins.TryGetValue(next, out Fingerprint? origin))
                continue;
            kept.Add(next, origin);
            foreach ((ImageName name, ImageDigest digest) in origin.Bases)
                open.Push((name, ContentTag.Of(digest)));
        }
        return kept.ToImmutable();
    }
}
