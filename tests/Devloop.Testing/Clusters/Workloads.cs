using System.Globalization;
using System.Text.Json.Nodes;

namespace Devloop.Testing.Clusters;

/// <summary>Small workloads that run anywhere the test image is.</summary>
public static class Workloads
{
    /// <summary>A static busybox; tests that meet a real cluster build it first.</summary>
    public const string Image = "devloop-test/busybox:k8s";

    /// <param name="command">Null serves nothing and sleeps.</param>
    public static JsonObject Deployment(string @namespace, string name, int replicas, params string[] command)
    {
        string words = command.Length == 0 ? """["/bin/busybox", "sleep", "100000"]""" : new JsonArray([.. command.Select(c => JsonValue.Create(c))]).ToJsonString();
        return (JsonObject)JsonNode.Parse($$$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment",
              "metadata": {"name": "{{{name}}}", "namespace": "{{{@namespace}}}"},
              "spec": {
                "replicas": {{{replicas.ToString(CultureInfo.InvariantCulture)}}},
                "selector": {"matchLabels": {"app": "{{{name}}}"}},
                "template": {
                  "metadata": {"labels": {"app": "{{{name}}}"}},
                  "spec": {
                    "dnsPolicy": "Default",
                    "terminationGracePeriodSeconds": 1,
                    "containers": [{"name": "main", "image": "{{{Image}}}", "imagePullPolicy": "IfNotPresent", "command": {{{words}}}}]
                  }
                }
              }
            }
            """)!;
    }
}
