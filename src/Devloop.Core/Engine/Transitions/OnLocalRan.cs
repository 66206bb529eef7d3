using System.Diagnostics;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Engine.Transitions;

/// <summary>A run of a local command ended. One that failed is not tried again before what it reads is another.</summary>
internal static class OnLocalRan
{
    public static void Apply(Turn turn, EngineEvent.LocalRan e)
    {
        if (turn.Find(e.Resource) is not { Local: { } local } resource || resource.Deploying != e.Work)
            return;
        DeployKey? key = resource.DeployingKey;
        // The reasons of edits that came during the run are those of the next one.
        bool rests = local is { Dirty: false, Looking.Value: 0 };
        resource = resource with { Deploying = WorkId.None, DeployingKey = null, FailureOfEnvironment = false, Local = rests ? local with { Reasons = [] } : local };
        switch (e.Outcome)
        {
            case LocalOutcome.Ran:
                bool serves = turn.State.Project.Resources.FirstOrDefault(r => r.Name == e.Resource)?.Local?.Command.Serve is not null;
                turn.Set(e.Resource, resource with
                {
                    Deployed = key,
                    Refused = null,
                    Failure = [],
                    Health = serves ? new Health.Pending("started") : new Health.Completed(),
                    Changed = true,
                    UnsteadyUntil = null,
                    WasReady = resource.WasReady || !serves,
                });
                LocalMarks.MarkReaders(turn, e.Resource);
                break;
            case LocalOutcome.Failed failed:
                turn.Set(e.Resource, resource with { Refused = key, Failure = failed.Diagnostics, Health = new Health.Failed("its command failed", []) { Final = true } });
                break;
            default:
                throw new UnreachableException();
        }
    }
}
