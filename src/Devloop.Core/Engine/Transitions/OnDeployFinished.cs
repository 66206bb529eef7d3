using System.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Engine.Transitions;

internal static class OnDeployFinished
{
    /// <summary>How long to wait before a cluster out of reach is tried again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public static void Apply(Turn turn, EngineEvent.DeployFinished e)
    {
        if (turn.Find(e.Resource) is not { } resource || resource.Deploying != e.Work)
            return;
        DeployKey? key = resource.DeployingKey;
        resource = resource with { Deploying = WorkId.None, DeployingKey = null };
        switch (e.Outcome)
        {
            case DeployOutcome.Applied applied:
                turn.Set(e.Resource, resource with
                {
                    Deployed = key,
                    Images = resource.DeployingImages,
                    Refused = null,
                    Failure = [],
                    FailureOfEnvironment = false,
                    Health = new Health.Pending("applied"),
                    BrokenSince = null,
                    Changed = applied.Changes.Any(c => c.Kind != ChangeKind.Unchanged),
                    UnsteadyUntil = null,
                    Observed = null,
                });
                foreach (ImageName image in resource.DeployingImages.Keys)
                    LiveMarks.JudgeAnew(turn, image);
                break;
            case DeployOutcome.Failed failed:
                turn.Set(e.Resource, resource with { Refused = key, Failure = failed.Diagnostics, FailureOfEnvironment = failed.Environment });
                if (failed.Environment && turn.State.Options.Mode == RunMode.Up)
                    turn.Ask(new EngineEffect.WakeAfter(e.Resource, RetryAfter));
                break;
            default:
                throw new UnreachableException();
        }
    }
}
