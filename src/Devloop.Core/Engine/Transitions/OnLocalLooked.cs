using Devloop.Rollout;

namespace Devloop.Engine.Transitions;

/// <summary>What a local command reads was looked at: nothing to do, or it is to run. A run for what was there before ends.</summary>
internal static class OnLocalLooked
{
    public static void Apply(Turn turn, EngineEvent.LocalLooked e)
    {
        if (turn.Find(e.Resource) is not { Local: { } local } resource || local.Looking != e.Work)
            return;
        local = local with { Looking = WorkId.None, Key = e.Key, Known = e.Known };
        if (resource.Deploying != WorkId.None && resource.DeployingKey != e.Key)
        {
            turn.Cancel(resource.Deploying);
            resource = resource with { Deploying = WorkId.None, DeployingKey = null };
        }
        bool nothingNew = e.Key == resource.Deployed || e.Key == resource.Refused;
        turn.Set(e.Resource, resource with { Local = nothingNew ? local with { Reasons = [] } : local });
    }

    /// <summary>What it reads cannot be read.</summary>
    public static void Apply(Turn turn, EngineEvent.LocalLookFailed e)
    {
        if (turn.Find(e.Resource) is not { Local: { } local } resource || local.Looking != e.Work)
            return;
        turn.Cancel(resource.Deploying);
        turn.Set(e.Resource, resource with
        {
            Deploying = WorkId.None,
            DeployingKey = null,
            Deployed = null,
            Failure = [e.Why],
            FailureOfEnvironment = false,
            Health = new Health.Failed("what it reads cannot be read", []) { Final = true },
            Local = local with { Looking = WorkId.None, Key = null, Known = null },
        });
    }
}
