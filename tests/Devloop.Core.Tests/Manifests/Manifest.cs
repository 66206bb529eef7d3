using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Manifests;

/// <summary>Manifests for tests.</summary>
internal static class Manifest
{
    public static Parsed<ManifestFile> Read(string text, string file = "app.yml") => ManifestReader.Read(new SourceText(file, text));

    public static ImmutableArray<KubernetesObject> Objects(string text, string file = "app.yml")
    {
        Parsed<ManifestFile> parsed = Read(text, file);
        parsed.Diagnostics.ShouldBeEmpty();
        return parsed.Value!.Objects;
    }

    /// <summary>The JSON of <c>v</c> in an object.</summary>
    public static string Value(string yaml)
    {
        JsonNode? value = Objects($"apiVersion: v1\nkind: X\nmetadata: {{name: x}}\n{yaml}\n").Single().Json["v"];
        return value?.ToJsonString() ?? "null";
    }

    public static ImageTarget Image(string selector) => new()
    {
        Name = new ImageName(selector),
        Selector = ImageSelector.TryParse(selector, out ImageSelector? parsed) ? parsed : throw new ArgumentException(selector),
        Context = ".",
    };

    public static Project Project(params string[] images) => new() { Name = "shop", Root = "/shop", ConfigFile = "devloop.yaml", Images = [.. images.Select(Image)] };

    public static string Deployment(string name, string image, string extra = "") => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{{name}}}{{{extra}}}}
        spec:
          template:
            metadata: {labels: {app: {{{name}}}, tier: web}}
            spec:
              containers: [{name: main, image: "{{{image}}}"}]
        ---

        """;

    public static string Other(string kind, string name, string body = "") => $"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{body}\n---\n";
}
