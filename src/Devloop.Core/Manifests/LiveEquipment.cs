using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>What pods get so that their containers can be changed while they run: a mounted program, which may also stand above the container's own. Pure.</summary>
public static class LiveEquipment
{
    /// <summary>Where containers have the program; a name that no image is likely to use.</summary>
    public const string HelperDirectory = "/.devloop";

    public const string HelperPath = HelperDirectory + "/" + HelperKey;

    public const string VolumeName = "devloop-live";

    /// <summary>The key of the ConfigMap that holds the program.</summary>
    public const string HelperKey = "helper";

    /// <summary>Everybody may read and run it, whoever the container runs as.</summary>
    private const int HelperMode = 0x16D;

    /// <summary>What stands before the words that the supervisor runs: the program, what it is to do, for which container, and the end of its own words.</summary>
    private const int SupervisorWords = 4;

    /// <summary>The spec of the pods that a built-in workload makes; null for every other object.</summary>
    public static JsonObject? PodSpecOf(JsonObject item) => (item.Text("apiVersion"), item.Text("kind")) switch
    {
        ("v1", "Pod") => item.Map("spec"),
        ("apps/v1", "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet") or ("batch/v1", "Job") => item.Map("spec", "template", "spec"),
        ("batch/v1" or "batch/v1beta1", "CronJob") => item.Map("spec", "jobTemplate", "spec", "template", "spec"),
        _ => null,
    };

    /// <summary>Mounts the program into a container; into one that has it already, nothing more.</summary>
    /// <param name="podSpec">Changed in place: nobody else may have it.</param>
    /// <param name="container">One of its containers.</param>
    /// <param name="configMap">The name of the ConfigMap that holds the program, in the namespace of the pod.</param>
    public static void Mount(JsonObject podSpec, JsonObject container, string configMap)
    {
        if (!podSpec.Items("volumes").Any(v => v.Text("name") == VolumeName))
        {
            ListIn(podSpec, "volumes").Add((JsonNode)new JsonObject
            {
                ["name"] = VolumeName,
                ["configMap"] = new JsonObject { ["name"] = configMap, ["defaultMode"] = HelperMode },
            });
        }
        if (!IsMounted(container))
            ListIn(container, "volumeMounts").Add((JsonNode)new JsonObject { ["name"] = VolumeName, ["mountPath"] = HelperDirectory, ["readOnly"] = true });
    }

    /// <summary>
    /// Puts the supervisor above what a container runs. As Kubernetes has it: a command of its own stands for the image's entrypoint and command,
    /// arguments alone stand for the image's command.
    /// </summary>
    /// <param name="image">What the image says; null when that is not known.</param>
    /// <returns>False, with nothing changed, when nobody knows what the container runs.</returns>
    public static bool Supervise(JsonObject container, BaseImage? image)
    {
        if (container.Text("name") is not { } name || StandOf(container).Supervised || CommandOf(container, image).IsEmpty)
            return false;
        JsonArray words = [HelperPath, "run", name, "--"];
        if (HasWords(container, "command"))
        {
            foreach (string word in Words(container, "command"))
                words.Add((JsonNode)word);
        }
        else
        {
            foreach (string word in image!.Entrypoint)
                words.Add((JsonNode)AsWritten(word));
            if (!HasWords(container, "args"))
                container["args"] = new JsonArray([.. image.Command.Select(w => (JsonNode)AsWritten(w))]);
        }
        container["command"] = words;
        return true;
    }

    /// <summary>What a container runs, its program first; empty when nobody knows.</summary>
    /// <param name="image">What the image says; null when that is not known.</param>
    public static ImmutableArray<string> CommandOf(JsonObject container, BaseImage? image)
    {
        if (HasWords(container, "command"))
            return [.. Words(container, "command"), .. Words(container, "args")];
        return image is null || (image.Entrypoint.IsEmpty && image.Command.IsEmpty) ? []
            : HasWords(container, "args") ? [.. image.Entrypoint, .. Words(container, "args")] : [.. image.Entrypoint, .. image.Command];
    }

    /// <summary>How a container of a pod is equipped, whoever did it.</summary>
    public static EquipmentStand StandOf(JsonObject container)
    {
        ImmutableArray<string> command = [.. Words(container, "command"), .. Words(container, "args")];
        bool supervised = command is [HelperPath, "run", _, "--", ..];
        return new EquipmentStand(IsMounted(container), supervised, supervised ? command[SupervisorWords..] : command);
    }

    private static bool IsMounted(JsonObject container) => container.Items("volumeMounts").Any(m => m.Text("mountPath")?.TrimEnd('/') == HelperDirectory);

    /// <summary>An empty list is as good as none: the image's own counts then.</summary>
    private static bool HasWords(JsonObject container, string field) => container.At(field) is JsonArray { Count: > 0 };

    private static IEnumerable<string> Words(JsonObject container, string field) => (container.At(field) as JsonArray)?.Select(w => w.Text() ?? "") ?? [];

    /// <summary>In a manifest <c>$(NAME)</c> stands for a variable and <c>$$</c> for a dollar sign; in an image's config both are what they are.</summary>
    private static string AsWritten(string word) => word.Contains("$(", StringComparison.Ordinal) || word.Contains("$$", StringComparison.Ordinal) ? word.Replace("$", "$$", StringComparison.Ordinal) : word;

    private static JsonArray ListIn(JsonObject holder, string field)
    {
        if (holder[field] is JsonArray list)
            return list;
        var made = new JsonArray();
        holder[field] = made;
        return made;
    }
}

/// <summary>How a container is equipped for live updates.</summary>
/// <param name="Mounted">It has the program.</param>
/// <param name="Supervised">Its process can be started again without it.</param>
/// <param name="Command">What it runs below the supervisor, else what its spec says; empty when that is the image's own.</param>
public sealed record EquipmentStand(bool Mounted, bool Supervised, ImmutableArray<string> Command);
