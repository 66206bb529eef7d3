using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Waits until an object is gone, by a watch.</summary>
internal static class Absence
{
    /// <param name="uid">Of the object that has to go; one made anew under its name is another.</param>
    public static async Task WaitAsync(ICluster cluster, ObjectReference reference, string defaultNamespace, string uid, CancellationToken cancellationToken)
    {
        bool seen = false;
        await foreach (WatchNotice notice in cluster.WatchAsync(reference.Kind, reference.Namespace ?? defaultNamespace, null, cancellationToken).ConfigureAwait(false))
        {
            switch (notice)
            {
                case WatchNotice.Present present when Is(present.Object):
                    seen = true;
                    break;
                case WatchNotice.Gone gone when Is(gone.Object):
                case WatchNotice.Synced when !seen:
                    return;
            }
        }

        bool Is(JsonObject item) => LiveObject.UidOf(item) == uid;
    }
}
