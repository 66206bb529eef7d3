using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>Reads what kustomize and helm make of the project's sources.</summary>
internal sealed partial class RenderedReading(IFileTree files, ManifestRenderer? renderer)
{
    /// <summary>Kinds that live in no namespace. A kind that nothing is known of lives in one.</summary>
    private static readonly ImmutableHashSet<string> WithoutNamespace =
    [
        "Namespace", "Node", "PersistentVolume", "StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "PriorityClass", "RuntimeClass", "IngressClass", "ClusterRole",
        "ClusterRoleBinding", "PodSecurityPolicy", "CustomResourceDefinition", "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "FlowSchema", "PriorityLevelConfiguration", "CertificateSigningRequest",
    ];

    /// <summary>Hooks of tests and of ends and upgrades of a release, which never come to pass here.</summary>
    private static readonly ImmutableHashSet<string> HooksLeftOut =
        ["test", "test-success", "test-failure", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback"];

    private readonly ImmutableArray<KubernetesObject>.Builder _objects = ImmutableArray.CreateBuilder<KubernetesObject>();
    private readonly ImmutableArray<Diagnostic>.Builder _problems = ImmutableArray.CreateBuilder<Diagnostic>();

    /// <summary>The objects of all sources, what they were made of, and every problem.</summary>
    public static (ImmutableArray<KubernetesObject> Objects, ImmutableArray<RenderInputs> Inputs, ImmutableArray<Diagnostic> Problems) Read(
        IEnumerable<RenderedManifests> sources, IFileTree files, ManifestRenderer? renderer)
    {
        var reading = new RenderedReading(files, renderer);
        ImmutableArray<RenderInputs> inputs = [.. sources.Select(reading.Read)];
        return (reading._objects.ToImmutable(), inputs, reading._problems.ToImmutable());
    }

    private RenderInputs Read(RenderedManifests source)
    {
        RenderInputs inputs = RenderInputs.Of(source, files);
        if (Absent(source) is { Length: > 0 } absent)
        {
            _problems.AddRange(absent);
            return inputs;
        }
        switch (renderer?.Render(source, inputs, files) ?? new ManifestToolResult.Missing(source is RenderedManifests.Helm ? "helm" : "kustomize"))
        {
            case ManifestToolResult.Rendered rendered:
                foreach (SourceText part in Parts(source, rendered.Text))
                    Read(source, part);
                break;
            case ManifestToolResult.Missing missing:
                _problems.Add(ToolMessages.Missing(source, missing.Program));
                break;
            case ManifestToolResult.Failed failed when !inputs.Broken.IsEmpty:
                // The place that devloop found is more exact than what the tool says.
                _problems.AddRange(inputs.Broken.Select(b => b with { Message = $"{source.Named} does not render: {b.Message}", Notes = [$"the command was `{failed.Command}`"] }));
                break;
            case ManifestToolResult.Failed failed:
                _problems.Add(ToolMessages.Failed(source, failed, files));
                break;
        }
        return inputs;
    }

    private void Read(RenderedManifests source, SourceText part)
    {
        Parsed<ManifestFile> read = ManifestReader.Read(part);
        _problems.AddRange(read.Diagnostics);
        foreach (KubernetesObject item in read.Value?.Objects ?? [])
        {
            if (source is RenderedManifests.Helm && IsLeftOut(item.Json))
                continue;
            _objects.Add(source is RenderedManifests.Helm { Namespace: { } space } && item.Namespace is null && !WithoutNamespace.Contains(item.Kind) ? item.InNamespace(space) : item);
        }
    }

    private static bool IsLeftOut(JsonObject item) =>
        item.Text("metadata", "annotations", "helm.sh/hook") is { } hooks && hooks.Split(',', StringSplitOptions.TrimEntries).All(HooksLeftOut.Contains);

    private ImmutableArray<Diagnostic> Absent(RenderedManifests source)
    {
        IEnumerable<(string Path, string Message, string Help)> needed = source switch
        {
            RenderedManifests.Helm helm => [(helm.Chart, $"{helm.Named} does not exist", "`chart` is relative to the config"), .. helm.Values.Select(v => (v, $"values `{v}` of {helm.Named} do not exist", "`values` are relative to the config, not to the chart"))],
            RenderedManifests.Kustomize kustomize => [(kustomize.Directory, $"{kustomize.Named} does not exist", "`kustomize` names the directory of a `kustomization.yaml`, relative to the config")],
            _ => [],
        };
        return [.. needed.Where(n => files.KindOf(n.Path) == PathKind.Missing).Select(n => Diagnostic.Error(DiagnosticCode.MissingFile, n.Message) with { At = source.At, Help = n.Help })];
    }

    /// <summary>Helm says of each document which template it comes from: so do messages about it.</summary>
    private static List<SourceText> Parts(RenderedManifests source, string text)
    {
        if (source is not RenderedManifests.Helm helm)
            return [new SourceText($"{((RenderedManifests.Kustomize)source).Directory} (rendered)", text)];
        Match[] starts = [.. SourceLine().Matches(text).Cast<Match>()];
        var parts = new List<SourceText>();
        if (text[..(starts.Length == 0 ? text.Length : starts[0].Index)] is var before && before.Trim('-', '\n', '\r', ' ').Length > 0)
            parts.Add(new SourceText($"{helm.Chart} (rendered)", before));
        for (int i = 0; i < starts.Length; i++)
        {
            int end = i + 1 < starts.Length ? starts[i + 1].Index : text.Length;
            string named = starts[i].Groups["file"].Value.Trim();
            string file = named.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? ProjectPath.Join(helm.Chart, named[(slash + 1)..]) : named;
            parts.Add(new SourceText($"{file} (rendered)", text[starts[i].Index..end]));
        }
        return parts;
    }

    [GeneratedRegex(@"^(?:---\r?\n)?# Source: (?<file>[^\r\n]+)", RegexOptions.Multiline)]
    private static partial Regex SourceLine();
}
