using System.Text.Json.Nodes;

namespace Devloop.Testing.Clusters;

/// <summary>Definitions of custom kinds.</summary>
public static class CustomKind
{
    /// <summary>A namespaced kind whose objects may hold anything.</summary>
    /// <param name="kind">Such as <c>Gadget</c>.</param>
    public static JsonObject Definition(string group, string kind) => (JsonObject)JsonNode.Parse($$$"""
        {
          "apiVersion": "apiextensions.k8s.io/v1",
          "kind": "CustomResourceDefinition",
          "metadata": {"name": "{{{kind.ToLowerInvariant()}}}s.{{{group}}}"},
          "spec": {
            "group": "{{{group}}}",
            "scope": "Namespaced",
            "names": {"kind": "{{{kind}}}", "plural": "{{{kind.ToLowerInvariant()}}}s", "singular": "{{{kind.ToLowerInvariant()}}}"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} } }]
          }
        }
        """)!;
}
