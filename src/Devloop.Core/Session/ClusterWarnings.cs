using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>A warning among the events of the cluster.</summary>
/// <param name="About">Such as <c>pod/web-5d9c</c>.</param>
/// <param name="Reason">One word, such as <c>FailedMount</c>.</param>
public sealed record ClusterWarning(string About, string Reason, string Message);

/// <summary>
/// Tells the warnings of the cluster's events about the objects of resources, each once however often it is repeated. A warning may come
/// before it is known whose pod it is about: it waits until then.
/// </summary>
internal sealed class ClusterWarnings(ClusterPicture picture, IReadOnlyDictionary<string, ResourceName> roots, Action<ResourceName, ClusterWarning> tell)
{
    private const int MostWaiting = 200;
    private const int MostTold = 5000;

    private readonly Queue<JsonObject> _waiting = [];
    private readonly HashSet<(string Uid, string Reason, string Message)> _told = [];

    /// <param name="isNew">It happened while the run looked on.</param>
    public void See(JsonObject happened, bool isNew)
    {
        if (happened.Text("type") != "Warning" || IsRepetition(happened) || !_told.Add(Key(happened)) || !isNew)
            return;
        if (_told.Count > MostTold)
            _told.Clear();
        _waiting.Enqueue(happened);
        if (_waiting.Count > MostWaiting)
            _waiting.Dequeue();
    }

    /// <summary>Tells what can be told now.</summary>
    public void Tell()
    {
        for (int left = _waiting.Count; left > 0; left--)
        {
            JsonObject happened = _waiting.Dequeue();
            ResourceName? resource = picture.Upwards(EventsAbout.UidOf(happened)).Where(roots.ContainsKey).Select(u => (ResourceName?)roots[u]).FirstOrDefault();
            if (resource is { } known)
                tell(known, new ClusterWarning($"{happened.Text("involvedObject", "kind")?.ToLowerInvariant()}/{happened.Text("involvedObject", "name")}", happened.Text("reason") ?? "", Words(happened)));
            else
                _waiting.Enqueue(happened);
        }
    }

    /// <summary>What the health of the pod says already, in fewer words.</summary>
    private static bool IsRepetition(JsonObject happened) =>
        happened.Text("reason") is "BackOff" or "FailedScheduling" || (happened.Text("reason") == "Failed" && happened.Text("message")?.StartsWith("Error: ", StringComparison.Ordinal) == true);

    private static (string, string, string) Key(JsonObject happened) => (EventsAbout.UidOf(happened), happened.Text("reason") ?? "", Words(happened));

    private static string Words(JsonObject happened) => string.Join(' ', (happened.Text("message") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
