using System.Collections.Immutable;
using System.Diagnostics;
using Devloop.Engine.Transitions;

namespace Devloop.Engine;

/// <summary>
/// The engine's one rule: what happened changes facts, and from the facts follows what can start. Pure: no clock, no I/O.
/// </summary>
public static class Transition
{
    public static (EngineState Next, ImmutableArray<EngineEffect> Effects) Step(EngineState state, EngineEvent happened)
    {
        var turn = new Turn(state);
        switch (happened)
        {
            case EngineEvent.Started: break;
            case EngineEvent.WatchStarted: OnFilesChanged.LookAtEverything(turn, new Planning.BuildReason.WatchStarted()); break;
            case EngineEvent.FilesChanged { Overflow: true }: OnFilesChanged.LookAtEverything(turn, new Planning.BuildReason.Overflow()); break;
            case EngineEvent.FilesChanged e: OnFilesChanged.Apply(turn, e); break;
            case EngineEvent.Fingerprinted e: OnFingerprinted.Apply(turn, e); break;
            case EngineEvent.FingerprintFailed e: OnFingerprinted.Apply(turn, e); break;
            case EngineEvent.BuildProgressed e: OnBuildProgressed.Apply(turn, e); break;
            case EngineEvent.BuildFinished e: OnBuildFinished.Apply(turn, e); break;
            case EngineEvent.PushFinished e: OnPushFinished.Apply(turn, e); break;
            case EngineEvent.Published e: OnPublished.Apply(turn, e); break;
            case EngineEvent.PullFinished e: OnPullFinished.Apply(turn, e); break;
            case EngineEvent.DeployFinished e: OnDeployFinished.Apply(turn, e); break;
            case EngineEvent.LeftoversRemoved e: OnLeftoversRemoved.Apply(turn, e); break;
            case EngineEvent.LocalLooked e: OnLocalLooked.Apply(turn, e); break;
            case EngineEvent.LocalLookFailed e: OnLocalLooked.Apply(turn, e); break;
            case EngineEvent.LocalRan e: OnLocalRan.Apply(turn, e); break;
            case EngineEvent.ResourceObserved e: OnResourceObserved.Apply(turn, e); break;
            case EngineEvent.ContainersSeen e: OnContainersSeen.Apply(turn, e); break;
            case EngineEvent.ContainerUpdated e: OnContainerUpdated.Apply(turn, e); break;
            case EngineEvent.ProjectLoaded e: OnProjectLoaded.Apply(turn, e); break;
            case EngineEvent.Woke e:
                OnResourceObserved.Apply(turn, e);
                OnLeftoversRemoved.Retry(turn);
                break;
            case EngineEvent.EngineAnswered e: OnEngineAway.Apply(turn, e); break;
            case EngineEvent.DeadlinePassed: turn.State = turn.State with { TimedOut = true }; break;
            case EngineEvent.StopRequested: OnStopRequested.Apply(turn); break;
            case EngineEvent.TriggerRequested e: OnTriggerRequested.Apply(turn, e); break;
            case EngineEvent.Paused: turn.State = turn.State with { Paused = true }; break;
            case EngineEvent.Resumed: turn.State = turn.State with { Paused = false }; break;
            case EngineEvent.Enabled e: OnSwitched.Apply(turn, e); break;
            case EngineEvent.Disabled e: OnSwitched.Apply(turn, e); break;
            case EngineEvent.ResourceRemoved e: OnSwitched.Apply(turn, e); break;
            default: throw new UnreachableException($"no transition for {happened.GetType().Name}");
        }
        Schedule.StartWhatCan(turn, happened.At);
        return (turn.State, turn.Effects);
    }
}
