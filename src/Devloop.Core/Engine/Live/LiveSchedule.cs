using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning.Live;

namespace Devloop.Engine.Live;

/// <summary>Starts what brings containers up to date, and the builds that follow when nothing else is to be done.</summary>
internal static class LiveSchedule
{
    /// <summary>Every container that runs and does not show what is there now gets it. Each is given one thing at a time.</summary>
    public static void UpdateContainers(Turn turn, TimeSpan now)
    {
        if (!turn.State.Project.HasLiveUpdate)
            return;
        foreach ((ResourceName name, ResourceState resource) in turn.State.Resources)
        {
            if (resource.Containers.IsEmpty)
                continue;
            foreach (ContainerState container in resource.Containers.Values)
                Update(turn, name, container, now);
        }
    }

    private static void Update(Turn turn, ResourceName name, ContainerState container, TimeSpan now)
    {
        EngineState state = turn.State;
        ImageName image = container.Seen.Image;
        if (!container.Seen.Running || container.Seen.Awareness is not { } awareness || container.Updating is not null || container.Shows is null || container.RetryAt > now
            || !state.Images.ContainsKey(image) || state.Project.LiveRulesOf(image) is not { } rules
            || LiveContents.Wanted(state, image) is not { } wanted
            || !LiveStand.IsDeployed(state.Resources[name], container.Seen))
        {
            return;
        }
        if (!LiveStand.IsHeld(state, image))
        {
            if (state.Images[image].Live is LivePlan.Build barred && (!container.Doubtful.IsEmpty || !container.Shows.SameAs(wanted)))
                Replace(turn, name, container, wanted, barred.Why);
            return;
        }
        if (!container.Initial && container.Doubtful.IsEmpty && container.Shows.SameAs(wanted))
        {
            if (container.RetryAt is not null)
                turn.Set(name, container with { RetryAt = null });
            return;
        }
        if (container.GivenUp?.SameAs(wanted) == true)
            return;
        LivePlan plan = container.Initial ? rules.All(wanted) : rules.Between(container.Shows, wanted, container.Doubtful);
        if (plan is LivePlan.Build build)
        {
            // An image that pods can be made of is the way out, when there is another than they have, or will be.
            if (!Replace(turn, name, container, wanted, build.Why))
                LiveMarks.Bar(turn, image, new LiveBar(build.Why, ForGood: false));
            return;
        }
        var update = (LivePlan.Update)plan;
        bool restart = Entrypoints.Restarts(update.Restart, awareness, update.Entries.Select(e => e.Path));
        if (update.Entries.IsEmpty && update.Runs.IsEmpty)
        {
            turn.Set(name, container with { Shows = wanted, Doubtful = [], Initial = false, RetryAt = null, GivenUp = null });
            return;
        }
        if (restart && !container.Seen.Supervised)
        {
            LiveMarks.Bar(turn, image, new LiveBar(new LiveObstacle(null, $"nothing can start the process of container `{container.Seen.Place.Container}` again in place", null, null), ForGood: false));
            return;
        }
        WorkId work = turn.NewWork();
        turn.Set(name, container with { Updating = new RunningUpdate(work, wanted, update, restart), RetryAt = null });
        ResourceState resource = turn.State.Resources[name];
        UpdateBatch batch = resource.Updates ?? new UpdateBatch(now) { CatchesUp = IsCatchingUp(state, resource, container) };
        turn.Set(name, resource with
        {
            Updated = true,
            Updates = batch with
            {
                Moves = batch.Moves.Length == 0 ? update.Moves : [.. batch.Moves.Union(update.Moves)],
                Containers = batch.Containers.Add(container.Seen.Place.Id),
                Restarted = batch.Restarted || restart,
                Runs = Math.Max(batch.Runs, update.Runs.Length),
            },
        });
        turn.Ask(new EngineEffect.StartLiveUpdate(work, name, container.Seen, update, restart));
    }

    /// <summary>
    /// Has the pod made anew, when no build and no deploy will do it: its image is what is wanted, and the container was given something that
    /// cannot be taken back. False when an image is under way.
    /// </summary>
    private static bool Replace(Turn turn, ResourceName name, ContainerState container, LiveContent wanted, LiveObstacle why)
    {
        if (!LiveStand.IsAsWanted(turn.State, turn.State.Resources[name], container.Seen.Image))
            return false;
        WorkId work = turn.NewWork();
        turn.Set(name, container with { Updating = new RunningUpdate(work, wanted, LivePlan.Update.Nothing, Restart: false), RetryAt = null });
        turn.Ask(new EngineEffect.ReplacePod(work, name, container.Seen, why));
        return true;
    }

    /// <summary>The others of the resource show it already, or nobody edited anything: the container is new.</summary>
    private static bool IsCatchingUp(EngineState state, ResourceState resource, ContainerState container) =>
        resource.Updated && LiveContents.Of(state, container.Seen.Image, container.Seen.Tag) is { } image && container.Shows!.SameAs(image);

    /// <summary>One image at a time, bottom-up, when everything that somebody waits for is done.</summary>
    public static void BuildInBackground(Turn turn, TimeSpan now)
    {
        EngineState state = turn.State;
        if (!state.Project.HasLiveUpdate
            || state.Images.Values.Any(i => i.Queued is not null || i.Building is not null || i.Dirty || i.Fingerprinting != WorkId.None)
            || state.Resources.Values.Any(r => r.Deploying != WorkId.None || LiveStand.IsUpdating(r)))
        {
            return;
        }
        foreach (ImageName name in state.Project.Graph.BottomUp)
        {
            ImageState image = state.Images[name];
            if (image.BehindSince is not { } since || !LiveStand.IsBehind(image) || now - since < state.Options.LivePause || Holds.OfFingerprint(state, name) is not null
                || state.Project.Graph.Bases(name).Any(b => LiveStand.IsBehind(state.Images[b]) || !Sharing.IsInEngine(state.Images[b])))
            {
                continue;
            }
            WorkId work = turn.NewWork();
            turn.Set(name, image with { BehindSince = null, Building = new RunningBuild(work, image.Seen!, now) { InBackground = true } });
            turn.Ask(new EngineEffect.StartBuild(work, image.Seen!, image.Reasons, NoCache: false));
            return;
        }
    }
}
