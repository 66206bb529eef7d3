using System.Text;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>All that a config says of live update, as one text: another whenever what it says is.</summary>
internal static class LiveUpdateText
{
    /// <summary>Null when nothing is said. Where it stands in the file is of no matter.</summary>
    public static string? Of(LiveUpdate? live)
    {
        if (live is null)
            return null;
        var text = new StringBuilder($"{live.GetType().Name} {live.Image} {live.Restart}\n");
        if (live is LiveUpdate.Declared declared)
        {
            Add(text, "initial", [declared.InitialSync.ToString()]);
            foreach (SyncStep sync in declared.Syncs)
                Add(text, "sync", [sync.From, sync.To]);
            foreach (RunStep run in declared.Runs)
                Add(text, run.Command.Shell ? "run shell" : "run", [.. run.Command.Words, "on", .. run.On]);
            Add(text, "fall back", declared.FallBackOn.Select(f => f.Path));
        }
        return text.ToString();
    }

    /// <summary>A line for each list; what is in it cannot run into the next one.</summary>
    private static void Add(StringBuilder text, string what, IEnumerable<string> values)
    {
        text.Append(what);
        foreach (string value in values)
            text.Append(' ').Append(value.Length).Append(':').Append(value);
        text.Append('\n');
    }
}
