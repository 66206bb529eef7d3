using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Rollout;

/// <summary>
/// Where a project keeps its record of what it applied: a ConfigMap in the namespace that its objects go to by default. Each object that was
/// applied points back to it by an annotation, so that nobody deletes what another project, or the same one for another developer, applied.
/// </summary>
/// <param name="Name">At most 63 characters that a name in a cluster may have.</param>
public readonly record struct RecordPlace(string Namespace, string Name)
{
    /// <summary>The annotation of an object that says in which record it stands.</summary>
    public const string Annotation = "devloop.dev/record";

    private const string Manager = "devloop";
    private const int LongestName = 40;

    /// <summary>
    /// A name that the config says is the same on every machine. A directory's name may be that of other projects as well, so the path
    /// goes into it; then each copy of the project has a record of its own.
    /// </summary>
    /// <param name="defaultNamespace">For objects that name none; several developers in one cluster differ in it.</param>
    public static RecordPlace Of(Project project, string defaultNamespace)
    {
        ArgumentNullException.ThrowIfNull(project);
        string plain = new([.. project.Name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        plain = plain[..Math.Min(plain.Length, LongestName)].Trim('-');
        string hashed = project.IsNamed ? project.Name : project.Root;
        string end = project.IsNamed && plain == project.Name ? "" : "-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashed)))[..8];
        return new RecordPlace(defaultNamespace, $"devloop-{plain}{end}");
    }

    public ObjectReference Reference => new(new ObjectKind("v1", "ConfigMap"), Namespace, Name);

    /// <summary>Writes the annotation into an object. Namespaces get none: they are shared, and never taken away for having left a config.</summary>
    public void MarkIn(JsonObject rendered)
    {
        ArgumentNullException.ThrowIfNull(rendered);
        if (rendered.Text("kind") == "Namespace" || rendered["metadata"] is not JsonObject metadata)
            return;
        if (metadata["annotations"] is not JsonObject annotations)
            metadata["annotations"] = annotations = [];
        annotations[Annotation] = ToString();
    }

    /// <summary>Whether a live object is this record's: it points here, and devloop is the one who applied it.</summary>
    public bool Has(JsonObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        return live.Text("metadata", "annotations", Annotation) == ToString() && IsApplied(live);
    }

    /// <summary>Whether devloop, for whichever project, applied a live object.</summary>
    public static bool IsApplied(JsonObject live) =>
        live.Items("metadata", "managedFields").Any(e => e.Text("manager") == Manager && e.Text("operation") == "Apply");

    public override string ToString() => $"{Namespace}/{Name}";
}
