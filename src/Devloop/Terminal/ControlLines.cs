using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Cli.Terminal;

/// <summary>What the user did with a run from outside, in lines for people.</summary>
internal static class ControlLines
{
    /// <param name="name">Pads and colours a name.</param>
    public static void Tell(Consoles consoles, News.Control news, Func<string, string> name)
    {
        switch (news)
        {
            case News.Control.Triggered n:
                consoles.Status("Triggered", string.Join(", ", n.Images.Select(i => i.Value).Concat(n.Resources.Select(r => r.Value)).Distinct()) + (n.NoCache ? "  without the cache" : ""));
                break;
            case News.Control.Paused:
                consoles.Status("Paused", "what runs ends, nothing new begins; `devloop resume` goes on");
                break;
            case News.Control.Resumed:
                consoles.Status("Resumed", "what changed meanwhile is looked at");
                break;
            case News.Control.Enabled n:
                consoles.Status("Enabled", name(n.Resource.Value));
                break;
            case News.Control.Disabling n:
                consoles.Status("Disabling", $"{name(n.Resource.Value)} its objects are deleted");
                break;
            case News.Control.Disabled { Failures.IsEmpty: true } n:
                consoles.Status("Disabled", $"{name(n.Resource.Value)} `devloop enable {n.Resource}` deploys it again");
                break;
            case News.Control.Disabled n:
                consoles.Status("Failed", $"{name(n.Resource.Value)} not all of it was deleted", StatusTone.Bad);
                consoles.Diagnose(n.Failures);
                break;
            case News.Control.Held n:
                foreach ((ImageName image, HoldReason why) in n.Images)
                    consoles.Status("Held", $"{name(image.Value)} {why.Text}", StatusTone.Warn);
                foreach ((ResourceName resource, HoldReason why) in n.Resources)
                    consoles.Status("Held", $"{name(resource.Value)} {why.Text}", StatusTone.Warn);
                break;
        }
    }
}
