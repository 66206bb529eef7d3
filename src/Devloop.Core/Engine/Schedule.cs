using System.Collections.Immutable;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>Starts whatever the facts allow: fingerprints and builds bottom-up, pulls, pushes, publications, deploys.</summary>
internal static class Schedule
{
    public static void StartWhatCan(Turn turn, TimeSpan now)
    {
        if (turn.State.Stopping || turn.State.TimedOut || turn.State.Paused || turn.State.Reload != WorkId.None)
            return;
        LocalSchedule.Look(turn);
        LiveSchedule.UpdateContainers(turn, now);
        if (turn.State.AwaitingEngine == WorkId.None)
        {
            TakeFingerprints(turn);
            StartPulls(turn);
            StartBuilds(turn, now);
            LiveSchedule.BuildInBackground(turn, now);
        }
        StartPushes(turn);
        StartPublications(turn);
        LocalSchedule.Run(turn);
        StartDeploys(turn);
        Removals.StartWhatCan(turn);
    }

    private static void TakeFingerprints(Turn turn)
    {
        foreach (ImageName name in turn.State.Project.Graph.BottomUp)
        {
            ImageState image = turn.State.Images[name];
            if (!image.Dirty || image.Fingerprinting != WorkId.None || Holds.OfFingerprint(turn.State, name) is not null)
                continue;
            WorkId work = turn.NewWork();
            turn.Set(name, image with { Dirty = false, Fingerprinting = work });
            bool ignoreKnown = turn.State.Options.NoCache || image.Reasons.Any(r => r is BuildReason.Asked);
            turn.Ask(new EngineEffect.TakeFingerprint(work, turn.State.Project.Image(name), BaseDigests(turn.State, name), image.Inputs, ignoreKnown, Sharing.LookFor(turn.State, name)));
        }
    }

    /// <summary>The user wants every step run.</summary>
    private static bool IsAnew(EngineState state, ImageState image) => state.Options.NoCache || image.Reasons.Any(r => r is BuildReason.Asked { NoCache: true });

    private static ImmutableSortedDictionary<ImageName, ImageDigest> BaseDigests(EngineState state, ImageName image) =>
        state.Project.Graph.Bases(image).ToImmutableSortedDictionary(b => b, b => state.Images[b].Result!.Digest);

    private static void StartBuilds(Turn turn, TimeSpan now)
    {
        EngineState state = turn.State;
        int room = state.Options.MaxParallelBuilds - state.Images.Values.Count(i => i.Building is not null);
        if (room <= 0)
            return;
        // The longest chain first: what many wait for must not wait itself.
        ImmutableArray<ImageName> ready =
        [
            .. state.Project.Graph.BottomUp
                .Where(i => state.Images[i] is { Queued: not null, Building: null, Dirty: false, Fingerprinting.Value: 0 })
                // A base that changed meanwhile may make what is queued obsolete.
                .Where(i => Holds.OfBuild(state, i) is null)
                .OrderByDescending(state.Project.Graph.Height)
                .Take(room),
        ];
        foreach (ImageName name in ready)
        {
            ImageState image = turn.State.Images[name];
            WorkId work = turn.NewWork();
            turn.Set(name, image with { Queued = null, Failure = null, Building = new RunningBuild(work, image.Queued!, now) });
            turn.Ask(new EngineEffect.StartBuild(work, image.Queued!, image.Reasons, IsAnew(turn.State, image)));
        }
    }

    private static void StartPushes(Turn turn)
    {
        foreach (ImageName name in turn.State.Project.Graph.BottomUp)
        {
            ImageState image = turn.State.Images[name];
            if (!Sharing.NeedsPush(turn.State, name) || image is not { Pushing.Value: 0, Settled: true, Failure: null, Result: { } result } || Sharing.IsPushed(image))
                continue;
            WorkId work = turn.NewWork();
            turn.Set(name, image with { Pushing = work });
            turn.Ask(new EngineEffect.StartPush(work, name, result.Digest));
        }
    }

    /// <summary>Only what the registry has can get a name there.</summary>
    private static void StartPublications(Turn turn)
    {
        foreach (ImageName name in turn.State.Project.Graph.BottomUp)
        {
            ImageState image = turn.State.Images[name];
            if (!Sharing.NeedsPublication(turn.State, name) || image is not { Publishing.Value: 0, Settled: true, Failure: null, Result: { } result }
                || !Sharing.IsPushed(image) || Sharing.IsPublished(image))
            {
                continue;
            }
            WorkId work = turn.NewWork();
            turn.Set(name, image with { Publishing = work });
            turn.Ask(new EngineEffect.StartPublish(work, name, result.Key, result.Digest));
        }
    }

    private static void StartPulls(Turn turn)
    {
        foreach (ImageName name in turn.State.Project.Graph.BottomUp)
        {
            ImageState image = turn.State.Images[name];
            if (image is not { Pulling.Value: 0, Settled: true, Failure: null, Result: { } result } || Sharing.IsInEngine(image) || !Sharing.NeedsEngine(turn.State, name))
                continue;
            WorkId work = turn.NewWork();
            turn.Set(name, image with { Pulling = work });
            turn.Ask(new EngineEffect.StartPull(work, name, result.Digest));
        }
    }

    private static void StartDeploys(Turn turn)
    {
        if (turn.State.Options.Mode == RunMode.BuildOnly)
            return;
        foreach (ResourceDefinition definition in turn.State.Project.Resources.Where(r => r.Local is null))
        {
            ResourceState resource = turn.State.Resources[definition.Name];
            if (resource.Deploying != WorkId.None || Holds.OfDeploy(turn.State, definition) is not null)
                continue;
            ImmutableSortedDictionary<ImageName, ImageDigest> digests = definition.Images.ToImmutableSortedDictionary(i => i, i => LiveStand.DigestFor(turn.State, definition, resource, i));
            DeployKey key = definition.KeyWith(digests);
            bool asked = resource.Control.Asked;
            if (!asked && (key == resource.Deployed || key == resource.Refused))
                continue;
            // Pods are replaced: then by those of the newest images.
            digests = definition.Images.ToImmutableSortedDictionary(i => i, i => LiveStand.IsAnyBehind(turn.State, i) ? digests[i] : turn.State.Images[i].Result!.Digest);
            key = definition.KeyWith(digests);
            WorkId work = turn.NewWork();
            turn.Set(definition.Name, resource with { Deploying = work, DeployingKey = key, DeployingImages = digests, Adopts = false, Updated = false, Pods = [], Failure = [], BrokenSince = null, SettledBroken = false, Control = resource.Control.Begun() });
            turn.Ask(new EngineEffect.StartDeploy(work, definition, digests, key) { Asked = asked });
        }
    }
}
