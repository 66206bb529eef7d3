using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Everything works for an account with rights in one namespace and none beyond it; what is missing is said.</summary>
[Trait("Needs", "Cluster")]
public sealed class NamespacedRightsTests
{
    /// <summary>The list of docs/kubernetes.md, with the kinds of these tests' manifests.</summary>
    private const string Rules = """
        - {apiGroups: [""], resources: [configmaps, services], verbs: [get, list, watch, create, patch, delete]}
        - {apiGroups: [apps], resources: [deployments], verbs: [get, list, watch, create, patch, delete]}
        - {apiGroups: [batch], resources: [jobs], verbs: [get, list, watch, create, patch, delete]}
        - {apiGroups: [apps], resources: [replicasets], verbs: [list, watch]}
        - {apiGroups: [""], resources: [pods, events], verbs: [list, watch]}
        - {apiGroups: [""], resources: [pods/log], verbs: [get]}

        """;

    [Fact]
    public async Task Up_ci_and_down_need_rights_in_their_namespace_only()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace, Rules);

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0).ShouldNotSay("warning", "forbidden");
        await using (DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web"))
        {
            await up.ReadyAsync();
            int mark = up.Events.Count;
            File.Delete(project.PathOf("k8s/settings.yaml"));
            project.Write("k8s/job.yaml", ManifestProject.Job("once", project.Image("app"), "again"));
            (await up.SeenAsync("object_removed", from: mark)).Text("object").ShouldBe("configmap/settings");
            await up.ReadyAsync(mark);
            await up.StopAsync();
            up.Errors.ShouldNotContain("forbidden");
        }
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0).ShouldSay("Deleted deployment/web", "Deleted job/once");
        (await @namespace.NamesAsync("deployments,jobs,configmaps")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Live_updates_go_through_the_API_server_and_restart_in_place()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace, Rules + "- {apiGroups: [\"\"], resources: [pods/exec], verbs: [get, create]}\n- {apiGroups: [\"\"], resources: [pods], verbs: [get, delete]}\n");
        File.Delete(project.PathOf("k8s/job.yaml"));
        project.Write("site/page", "first\n")
            .Write("Dockerfile", TestProject.Busybox + "COPY site /site\nENTRYPOINT [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox cat /site/page; exec /bin/busybox sleep 100000\"]\n")
            .Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")).Replace("{context: .}", "{context: ., live_update: auto}", StringComparison.Ordinal));
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        (string, string, int) before = await @namespace.IdentityAsync();
        for (int i = 0; i < 3; i++)
        {
            string page = TestProject.Fresh();
            int mark = up.Events.Count;
            project.Write("site/page", page);
            ((bool)(await up.UpdatedAsync(mark)).Json["restarted"]!).ShouldBeTrue();
            (await @namespace.InPodAsync("cat", "/site/page")).ShouldBe(page);
            // The new process has read it.
            await up.Events.FirstAsync(e => e.Is("log", null, LiveProject.App, null) && e.Text("text") == page.Trim(), mark, "the page in the log");
        }
        (await @namespace.IdentityAsync()).ShouldBe(before);
        await up.StopAsync();
        up.Errors.ShouldNotContain("forbidden");
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
        (await @namespace.NamesAsync("deployments,configmaps")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_right_that_is_missing_is_4_and_named()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace, Rules.Replace("resources: [jobs], verbs: [get, list, watch, create, patch, delete]", "resources: [jobs], verbs: [get, list, watch]", StringComparison.Ordinal));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(4);

        ended.ShouldSay("DL4002", "not allowed to patch `jobs.batch`", "job/once", "kubectl auth can-i patch jobs.batch");
    }

    [Fact]
    public async Task Without_the_right_to_keep_a_record_all_is_deployed_and_a_warning_says_so()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await CreateAsync(@namespace, Rules.Replace("configmaps, ", "", StringComparison.Ordinal));
        File.Delete(project.PathOf("k8s/settings.yaml"));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        ended.ShouldSay("DL4040", $"configmap/devloop-{project.Id}");
    }

    /// <summary>A project whose kubeconfig knows the account of the namespace alone.</summary>
    private static async Task<TestProject> CreateAsync(TestNamespace @namespace, string rules)
    {
        await @namespace.KubectlAsync("create", "serviceaccount", "developer");
        TestProject project = (await ManifestProject.CreateAsync(@namespace)).WithSleeper();
        project.Write("role.yaml", $"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: developer}}\nrules:\n{rules}");
        await @namespace.KubectlAsync("apply", "--validate=false", "--filename", project.PathOf("role.yaml"));
        await @namespace.KubectlAsync("create", "rolebinding", "developer", "--role=developer", $"--serviceaccount={@namespace.Name}:developer");

        string context = await TestNamespace.ContextAsync();
        string server = (await @namespace.KubectlAsync("config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")).Trim();
        project.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: test, cluster: {server: "{{server}}", insecure-skip-tls-verify: true} }]
            users: [{name: developer, user: {token: {{await TokenAsync(@namespace)}} } }]
            contexts: [{name: {{context}}, context: {cluster: test, user: developer} }]
            current-context: {{context}}

            """);
        project.Environment["KUBECONFIG"] = project.PathOf("kubeconfig");
        string registry = Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") ?? "127.0.0.1:5005";
        // Who may not see the nodes cannot know that they share the engine, so images go by the registry.
        return project
            .Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")) + $"registry: {{host: \"{registry}\"}}\nimages:\n  {project.Image("app")}: {{context: .}}\n")
            .Write(".dockerignore", "kubeconfig\nrole.yaml\n")
            .Write("k8s/web.yaml", ManifestText.Deployment("web", project.Image("app")))
            .Write("k8s/job.yaml", ManifestProject.Job("once", project.Image("app"), "done"))
            .Write("k8s/settings.yaml", ManifestProject.ConfigMap("settings"));
    }

    /// <summary>The token that the cluster makes for an account, a moment after the account.</summary>
    private static async Task<string> TokenAsync(TestNamespace @namespace)
    {
        CancellationToken ends = Patience.Ends();
        while (true)
        {
            ends.ThrowIfCancellationRequested();
            string secret = (await @namespace.KubectlAsync("get", "serviceaccount", "developer", "--output", "jsonpath={.secrets[0].name}")).Trim();
            if (secret.Length > 0 && (await @namespace.KubectlAsync("get", "secret", secret, "--output", "jsonpath={.data.token}")).Trim() is { Length: > 0 } token)
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
    }
}
