using System.Text.Json.Nodes;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>Events of the cluster, and which object they are about.</summary>
public static class EventsAbout
{
    /// <summary>The uid of the object that an event is about; empty when it names none.</summary>
    public static string UidOf(JsonObject happened) => happened.Text("involvedObject", "uid") ?? happened.Text("regarding", "uid") ?? "";

    /// <summary>The last event about an object, or null.</summary>
    public static JsonObject? Newest(JsonObject item, IReadOnlyList<JsonObject> events) => events.Where(e => IsAbout(e, item)).OrderBy(At).LastOrDefault();

    private static bool IsAbout(JsonObject happened, JsonObject item) => happened.Text("involvedObject", "uid") is { } uid
        ? uid == item.Text("metadata", "uid")
        : happened.Text("involvedObject", "kind") == item.Text("kind") && happened.Text("involvedObject", "name") == item.Name();

    private static DateTimeOffset? At(JsonObject happened) => happened.Time("lastTimestamp") ?? happened.Time("eventTime") ?? happened.Time("metadata", "creationTimestamp");
}
