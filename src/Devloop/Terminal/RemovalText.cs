using Devloop.Session;

namespace Devloop.Cli.Terminal;

/// <summary>Why an object that left the config was deleted, or was left in the cluster.</summary>
internal static class RemovalText
{
    public static string Of(RemovalOutcome outcome) => outcome switch
    {
        RemovalOutcome.Kept => $"left the config; its annotation `{ResourceRemoval.PolicyAnnotation}` keeps it",
        RemovalOutcome.KindKept => "left the config; objects of others would go with it, so only `kubectl delete` takes it away",
        RemovalOutcome.OfAnother => "left the config; something else has it now",
        _ => "left the config",
    };
}
