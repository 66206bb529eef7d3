using System.Diagnostics;
using System.Text.Json.Nodes;
using Devloop.Engine;

namespace Devloop.Cli.Terminal;

/// <summary>What the user did with a run from outside, as events for machines.</summary>
internal static class ControlEvents
{
    public static (string Type, JsonObject Fields) Of(News.Control news) => news switch
    {
        News.Control.Triggered n => ("triggered", new JsonObject
        {
            ["images"] = JsonShapes.List(n.Images.Select(i => i.Value)),
            ["resources"] = JsonShapes.List(n.Resources.Select(r => r.Value)),
            ["no_cache"] = n.NoCache,
        }),
        News.Control.Paused => ("paused", []),
        News.Control.Resumed => ("resumed", []),
        News.Control.Enabled n => ("enabled", new JsonObject { ["resource"] = n.Resource.Value }),
        News.Control.Disabling n => ("disabling", new JsonObject { ["resource"] = n.Resource.Value }),
        News.Control.Disabled n => ("disabled", new JsonObject { ["resource"] = n.Resource.Value, ["diagnostics"] = JsonShapes.List(n.Failures) }),
        News.Control.Held n => ("held", new JsonObject
        {
            ["images"] = new JsonArray([.. n.Images.Select(h => (JsonNode)new JsonObject { ["image"] = h.Image.Value, ["text"] = h.Why.Text })]),
            ["resources"] = new JsonArray([.. n.Resources.Select(h => (JsonNode)new JsonObject { ["resource"] = h.Resource.Value, ["text"] = h.Why.Text })]),
        }),
        _ => throw new UnreachableException(),
    };
}
