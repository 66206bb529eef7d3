namespace Devloop.EndToEnd.Tests.Support;

/// <summary>Pieces of YAML.</summary>
internal static class ManifestText
{
    /// <summary>The config's entry that lets devloop write to the tests' cluster, in a test's namespace.</summary>
    public static async Task<string> ClusterAsync(TestNamespace @namespace) =>
        $"{{namespace: {@namespace.Name}, allow_contexts: [{await TestNamespace.ContextAsync()}]}}";

    /// <summary>A Job whose one container runs a line of shell.</summary>
    /// <param name="more">Further lines of the pod's spec, with their indentation of 6.</param>
    public static string Job(string name, string image, string script, int backoffLimit = 0, string restart = "Never", string more = "") => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {{name}}
        spec:
          backoffLimit: {{backoffLimit}}
          template:
            spec:
              dnsPolicy: Default
              restartPolicy: {{restart}}
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: {{image}}
                  command: [/bin/busybox, sh, -c, "{{script}}"]
        {{more}}
        """;

    /// <param name="more">Further lines of the container, with their indentation of 10.</param>
    public static string Deployment(string name, string image, string more = "") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
        spec:
          selector:
            matchLabels: {app: {{name}}}
          template:
            metadata:
              labels: {app: {{name}}}
            spec:
              dnsPolicy: Default
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: {{image}}
        {{more}}
        """;
}
