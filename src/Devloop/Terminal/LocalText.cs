using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Cli.Terminal;

/// <summary>What is told of local commands, for people and for machines.</summary>
internal static class LocalText
{
    public static string Why(ImmutableArray<RunReason> reasons) =>
        reasons.Length == 0 ? "" : reasons[0].Text + (reasons.Length > 1 ? $" and {reasons.Length - 1} more" : "");

    public static bool IsLocal(EngineState state, ResourceName name) => state.Resources.GetValueOrDefault(name)?.Local is not null;

    /// <summary>It has no command that ends: that it runs was told, and how it does will be.</summary>
    public static bool OnlyServes(EngineState state, ResourceName name) => state.Project.Resources.FirstOrDefault(r => r.Name == name)?.Local is { Command.Command: null };

    /// <summary>The events of a piece of news, by type; none for what is not of local commands.</summary>
    public static IEnumerable<(string Type, JsonObject Fields)> Events(News news)
    {
        switch (news)
        {
            case News.LocalStarted n:
                yield return ("deploy_started", new JsonObject { ["resource"] = n.Resource.Value, ["images"] = new JsonArray(), ["reasons"] = JsonShapes.Of(n.Reasons) });
                break;
            case News.LocalFinished n:
                yield return ("deploy_finished", Ended(n.Resource, "ran", n.Took, n.Reasons));
                if (!n.Serves)
                    yield return ("resource_status", new JsonObject { ["resource"] = n.Resource.Value, ["status"] = new Health.Completed().StatusWord(), ["text"] = new Health.Completed().Describe() });
                break;
            case News.LocalFailed n:
                JsonObject failed = Ended(n.Resource, "failed", n.Took, []);
                failed["diagnostics"] = JsonShapes.List(n.Diagnostics);
                yield return ("deploy_finished", failed);
                break;
            case News.LocalCancelled n:
                yield return ("deploy_finished", Ended(n.Resource, n.Stopped ? "stopped" : "cancelled", n.Took, []));
                break;
        }
    }

    private static JsonObject Ended(ResourceName resource, string outcome, TimeSpan took, ImmutableArray<RunReason> reasons) => new()
    {
        ["resource"] = resource.Value,
        ["outcome"] = outcome,
        ["seconds"] = Math.Round(took.TotalSeconds, 4),
        ["reasons"] = JsonShapes.Of(reasons),
    };
}
