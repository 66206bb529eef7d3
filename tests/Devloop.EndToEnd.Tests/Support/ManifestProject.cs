namespace Devloop.EndToEnd.Tests.Support;

/// <summary>Projects that are about manifests: most need no image at all.</summary>
internal static class ManifestProject
{
    /// <param name="manifests">As the config writes them, such as <c>[k8s]</c>.</param>
    /// <param name="more">Further lines of the config.</param>
    public static async Task<TestProject> CreateAsync(TestNamespace @namespace, string manifests = "[k8s]", string more = "")
    {
        TestProject project = TestProject.Create(@namespace);
        project.Write("devloop.yaml", $"version: 1\nname: {project.Id}\ncluster: {await ManifestText.ClusterAsync(@namespace)}\nmanifests: {manifests}\n{more}");
        return project;
    }

    /// <summary>An image whose container runs for long, and its Dockerfile.</summary>
    public static TestProject WithSleeper(this TestProject project) =>
        project.WithBusybox().Write("Dockerfile", TestProject.Busybox + "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n");

    public static string ConfigMap(string name, string value = "1", string metadata = "") =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{metadata}}}\ndata: {{a: \"{value}\"}}\n";

    /// <summary>A Job that ends at once.</summary>
    public static string Job(string name, string image, string says) => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: {{name}}}
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              dnsPolicy: Default
              containers: [{name: main, image: {{image}}, command: [/bin/busybox, echo, {{says}}]}]

        """;

    /// <summary>A namespaced kind that nobody else has.</summary>
    public static string Definition(string group) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.{{group}}}
        spec:
          group: {{group}}
          scope: Namespaced
          names: {kind: Gadget, plural: gadgets, singular: gadget}
          versions:
            - name: v1
              served: true
              storage: true
              schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} }

        """;

    public static string Gadget(string group, string name, string image) =>
        $"apiVersion: {group}/v1\nkind: Gadget\nmetadata: {{name: {name}}}\nspec: {{image: {{repository: {image}, tag: any}}}}\n";

    /// <summary>The names of a kind's objects, sorted; without those that the cluster makes itself and the project's record.</summary>
    public static async Task<string[]> NamesAsync(this TestNamespace @namespace, string kind) =>
        [.. (await @namespace.KubectlAsync("get", kind, "--output", "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(n => n != "kube-root-ca.crt" && !n.StartsWith("devloop-e2e-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
