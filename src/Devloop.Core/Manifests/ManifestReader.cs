using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Manifests;

/// <summary>
/// Reads Kubernetes manifests: YAML with any number of documents, or JSON. Lists are taken apart. What is no valid text is a <c>DL1030</c>,
/// an object without <c>apiVersion</c>, <c>kind</c> or a name a <c>DL1031</c>. Values mean what they mean to kubectl.
/// </summary>
public static class ManifestReader
{
    public static Parsed<ManifestFile> Read(SourceText source)
    {
        var problems = new List<Diagnostic>();
        List<ManifestDocument> documents = IsJson(source) ? ReadJson(source, problems) : ReadYaml(source, problems);
        var objects = ImmutableArray.CreateBuilder<KubernetesObject>();
        foreach (ManifestDocument document in documents.Where(d => d.Root is not null))
            Collect(document.Root!, document.At, document, objects, problems, inList: false);
        return new Parsed<ManifestFile>(new ManifestFile(source, objects.ToImmutable()), [.. problems]);
    }

    private static bool IsJson(SourceText source) => source.File.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static List<ManifestDocument> ReadYaml(SourceText source, List<Diagnostic> problems)
    {
        Parsed<YamlStream> yaml = YamlReader.Read(source, DiagnosticCode.ManifestSyntax);
        var found = yaml.Diagnostics.ToList();
        var documents = new List<ManifestDocument>();
        var json = new YamlJson(DiagnosticCode.ManifestSyntax);
        foreach (YamlDocument document in yaml.Value!.Documents.Where(d => d.IsWhole))
        {
            if (json.Convert(document.Root, out JsonNode? root, out Dictionary<JsonNode, SourceSpan> places) is { } problem)
                found.Add(problem);
            else
                documents.Add(new ManifestDocument(root, document.Root.At, places));
        }
        bool template = source.Content.Contains("{{", StringComparison.Ordinal) && source.Content.Contains("}}", StringComparison.Ordinal);
        problems.AddRange(template ? found.Select(p => p with { Help = "this looks like a Helm template; `helm template` makes manifests of a chart" }) : found);
        return documents;
    }

    private static void Collect(JsonNode node, SourceSpan at, ManifestDocument document, ImmutableArray<KubernetesObject>.Builder objects, List<Diagnostic> problems, bool inList)
    {
        if (node is JsonArray && !inList && IsJson(at.Source) && node.AsArray() is { } elements)
        {
            foreach (JsonNode element in elements.OfType<JsonNode>())
                Collect(element, at, document, objects, problems, inList: true);
            return;
        }
        if (node is not JsonObject map)
        {
            problems.Add(Problem(at, "a document is not a Kubernetes object", "a mapping with `apiVersion` and `kind` was expected"));
            return;
        }
        string? kind = JsonFields.Text(map, "kind");
        if (kind is not null && kind.EndsWith("List", StringComparison.Ordinal) && map["items"] is JsonArray items)
        {
            foreach (JsonNode item in items.OfType<JsonNode>())
                Collect(item, document.Places.GetValueOrDefault(item) ?? at, document, objects, problems, inList: true);
            return;
        }
        if (Missing(map) is { } missing)
        {
            problems.Add(Problem(at, missing.Message, missing.Help));
            return;
        }
        objects.Add(new KubernetesObject(map, at.Source.Span(at.Start, FirstLineLength(at)), document.Places));
    }

    private static (string Message, string Help)? Missing(JsonObject map)
    {
        string what = JsonFields.Text(map, "kind") is { Length: > 0 } kind ? $"the {kind}" : "an object";
        if (string.IsNullOrEmpty(JsonFields.Text(map, "apiVersion")))
            return ($"{what} has no `apiVersion`", "every object names its `apiVersion`, such as `apps/v1`");
        if (what == "an object")
            return ("an object has no `kind`", "every object names its `kind`, such as `Deployment`");
        JsonObject? metadata = map["metadata"] as JsonObject;
        if (metadata?["namespace"] is { } space && JsonFields.Text(space) is null)
            return ($"{what} has a `metadata.namespace` that is no text", "to YAML `n` and `on` are booleans and `12` is a number; quotes make them text");
        if (!string.IsNullOrEmpty(JsonFields.Text(metadata, "name")))
            return null;
        return JsonFields.Text(metadata, "generateName") is { Length: > 0 }
            ? ($"{what} has a `generateName` and no `name`", "devloop applies an object again and again, so it needs a fixed `metadata.name`")
            : ($"{what} has no `metadata.name`", metadata?["name"] is null ? "every object names itself in `metadata.name`" : "a name is text; quotes make it so");
    }

    private static Diagnostic Problem(SourceSpan at, string message, string help) =>
        Diagnostic.Error(DiagnosticCode.ManifestObject, message) with { At = at.Source.Span(at.Start, FirstLineLength(at)), Help = help };

    private static int FirstLineLength(SourceSpan at) => Math.Max(0, at.Source.Line(at.Line).End - at.Start);

    private static List<ManifestDocument> ReadJson(SourceText source, List<Diagnostic> problems)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(source.Content.TrimStart('\uFEFF'));
        var documents = new List<ManifestDocument>();
        int done = 0;
        var at = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 200 });
        try
        {
            while (at.Read())
            {
                int start = (int)at.TokenStartIndex;
                at.Skip();
                done = (int)at.BytesConsumed;
                JsonNode? root = JsonNode.Parse(bytes.AsSpan(start..done), null, new JsonDocumentOptions { MaxDepth = 200, AllowDuplicateProperties = false });
                documents.Add(new ManifestDocument(root, source.Span(Encoding.UTF8.GetCharCount(bytes, 0, start), 0), []));
            }
        }
        catch (JsonException exception)
        {
            bool duplicate = exception.Message.Contains("uplicate", StringComparison.Ordinal);
            int line = (int)(exception.LineNumber ?? 0) + 1;
            SourceSpan place = source.Span(source.LineStart(line) + (int)(exception.BytePositionInLine ?? 0), 0);
            problems.Add(Diagnostic.Error(DiagnosticCode.ManifestSyntax, duplicate ? "a key stands twice" : "this is not valid JSON") with { At = place });
        }
        return documents;
    }

    /// <summary>One document: its JSON and where objects and image fields stand.</summary>
    private sealed record ManifestDocument(JsonNode? Root, SourceSpan At, Dictionary<JsonNode, SourceSpan> Places);
}
