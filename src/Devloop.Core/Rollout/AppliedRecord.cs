using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>An object that was applied, or was about to be.</summary>
/// <param name="Resource">The resource that it belonged to.</param>
/// <param name="Object">With its namespace; for kinds that turn out to have none, the default one.</param>
public sealed record RecordedObject(string Resource, ObjectReference Object)
{
    /// <summary>Group, kind, namespace and name: a new version of an API is no other object.</summary>
    public (string Group, string Kind, string Namespace, string Name) Identity =>
        (Object.Kind.Group, Object.Kind.Kind, Object.Namespace ?? "", Object.Name);
}

/// <summary>What a project applied, as its record in the cluster tells: one object a line, for people to read too.</summary>
public sealed record AppliedRecord(ImmutableArray<RecordedObject> Objects)
{
    private const string Key = "objects";

    public static AppliedRecord Empty { get; } = new([]);

    /// <summary>Reads the ConfigMap. A line that does not read is as good as none: what is not known is not deleted.</summary>
    public static AppliedRecord Read(JsonObject? live) =>
        new([.. (live.Text("data", Key) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine).OfType<RecordedObject>()]);

    /// <summary>The ConfigMap to apply.</summary>
    public JsonObject Write(RecordPlace place, string project)
    {
        var lines = new StringBuilder();
        foreach (RecordedObject item in Objects.OrderBy(o => Line(o), StringComparer.Ordinal))
            lines.Append(Line(item)).Append('\n');
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject
            {
                ["name"] = place.Name,
                ["namespace"] = place.Namespace,
                ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "devloop" },
            },
            ["data"] = new JsonObject { ["project"] = project, [Key] = lines.ToString() },
        };
    }

    /// <summary>With these too; what stands in it already takes their resource and version.</summary>
    public AppliedRecord With(IEnumerable<RecordedObject> more)
    {
        var all = Objects.ToDictionary(o => o.Identity);
        foreach (RecordedObject item in more)
            all[item.Identity] = item;
        return new AppliedRecord([.. all.Values]);
    }

    public AppliedRecord Without(IEnumerable<RecordedObject> gone)
    {
        var identities = gone.Select(g => g.Identity).ToHashSet();
        return new AppliedRecord([.. Objects.Where(o => !identities.Contains(o.Identity))]);
    }

    /// <summary>Whether both say the same, in whichever order.</summary>
    public bool SameAs(AppliedRecord other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Objects.ToHashSet().SetEquals(other.Objects);
    }

    private static string Line(RecordedObject item) => new JsonObject
    {
        ["resource"] = item.Resource,
        ["apiVersion"] = item.Object.Kind.ApiVersion,
        ["kind"] = item.Object.Kind.Kind,
        ["namespace"] = item.Object.Namespace,
        ["name"] = item.Object.Name,
    }.ToJsonString();

    private static RecordedObject? ReadLine(string line)
    {
        try
        {
            JsonNode? item = JsonNode.Parse(line);
            return item.Text("resource") is { } resource && item.Text("apiVersion") is { Length: > 0 } version && item.Text("kind") is { Length: > 0 } kind && item.Text("name") is { Length: > 0 } name
                ? new RecordedObject(resource, new ObjectReference(new ObjectKind(version, kind), item.Text("namespace"), name))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
