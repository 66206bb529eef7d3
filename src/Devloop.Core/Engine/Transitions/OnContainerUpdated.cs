using System.Collections.Immutable;
using System.Diagnostics;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;

namespace Devloop.Engine.Transitions;

/// <summary>A container was given what it lacked, or could not be.</summary>
internal static class OnContainerUpdated
{
    /// <summary>A transfer that broke this often is not tried again: the image is built.</summary>
    private const int MostTries = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    public static void Apply(Turn turn, EngineEvent.ContainerUpdated e)
    {
        if (turn.Find(e.Resource) is not { } resource || !resource.Containers.TryGetValue(e.Container, out ContainerState? container) || container.Updating is not { } running || running.Work != e.Work)
            return;
        container = container with { Updating = null };
        ImmutableHashSet<LivePath> doubtful = container.Doubtful.Union(running.Plan.Paths);
        switch (e.Outcome)
        {
            case ContainerUpdateOutcome.Updated:
                turn.Set(e.Resource, container with { Shows = running.To, Doubtful = [], Initial = false, Broken = 0, GivenUp = null });
                break;
            case ContainerUpdateOutcome.RunFailed failed:
                Fail(turn, e.Resource, failed.Why, buildsInstead: false);
                // The files are there; the commands run again with the next edit.
                turn.Set(e.Resource, container with { Shows = running.To, Doubtful = doubtful, Initial = false, GivenUp = running.To });
                break;
            case ContainerUpdateOutcome.Gone:
                LeaveBatch(turn, e.Resource, e.Container);
                turn.Set(e.Resource, container with { Doubtful = doubtful, Seen = container.Seen with { Running = false } });
                break;
            case ContainerUpdateOutcome.Obsolete obsolete:
                LeaveBatch(turn, e.Resource, e.Container);
                turn.Set(e.Resource, container with { Doubtful = doubtful });
                foreach (ImageName image in running.Plan.Paths.Select(p => p.Image).Distinct().Where(turn.State.Images.ContainsKey))
                    turn.Set(image, Marks.DirtyWithAllInputs(turn, turn.State.Images[image], new BuildReason.ChangedWhileSent(obsolete.Source)));
                break;
            case ContainerUpdateOutcome.Broken broken when container.Broken + 1 < MostTries:
                TimeSpan pause = FirstPause * (1 << container.Broken);
                turn.Set(e.Resource, container with { Doubtful = doubtful, Broken = container.Broken + 1, RetryAt = e.At + pause });
                turn.Ask(new EngineEffect.WakeAfter(e.Resource, pause));
                break;
            case ContainerUpdateOutcome.Broken broken:
                GiveUp(turn, e, container with { Doubtful = doubtful, Broken = 0 }, broken.Why, forGood: false);
                break;
            case ContainerUpdateOutcome.Refused refused:
                GiveUp(turn, e, container with { Doubtful = doubtful }, refused.Why, forGood: true);
                break;
            default:
                throw new UnreachableException();
        }
        Settle(turn, e.Resource, e.At);
    }

    /// <summary>Closes the batch when nothing of it runs any more, and says how the resource really does.</summary>
    internal static void Settle(Turn turn, ResourceName name, TimeSpan at)
    {
        ResourceState resource = turn.State.Resources[name];
        if (resource.Updates is { } batch && !LiveStand.IsUpdating(resource))
        {
            // Of containers that ended meanwhile, or will be given something newer, there is nothing to tell.
            bool any = !batch.Containers.IsEmpty || !batch.Failures.IsEmpty;
            turn.Set(name, resource with { Updates = null, LastUpdates = any ? batch with { Took = at - batch.Began } : resource.LastUpdates });
        }
        if (resource.Observed is { } health && !LiveStand.IsUpdating(resource))
            OnResourceObserved.Apply(turn, new EngineEvent.ResourceObserved(name, health) { At = at });
    }

    /// <summary>A container was not given what the batch is about.</summary>
    private static void LeaveBatch(Turn turn, ResourceName name, string container) =>
        turn.Set(name, turn.State.Resources[name] with { Updates = turn.State.Resources[name].Updates?.Without(container) });

    private static void GiveUp(Turn turn, EngineEvent.ContainerUpdated e, ContainerState container, Diagnostic why, bool forGood)
    {
        turn.Set(e.Resource, container);
        Fail(turn, e.Resource, why, buildsInstead: true);
        if (turn.State.Images.ContainsKey(container.Seen.Image))
            LiveMarks.Bar(turn, container.Seen.Image, new LiveBar(new LiveObstacle(null, why.Message, null, null), forGood));
    }

    private static void Fail(Turn turn, ResourceName name, Diagnostic why, bool buildsInstead)
    {
        ResourceState resource = turn.State.Resources[name];
        UpdateBatch batch = resource.Updates ?? new UpdateBatch(TimeSpan.Zero);
        if (!batch.Failures.Contains(why))
            batch = batch with { Failures = batch.Failures.Add(why) };
        turn.Set(name, resource with { Updates = batch with { BuildsInstead = batch.BuildsInstead || buildsInstead } });
    }
}
