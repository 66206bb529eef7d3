using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Applying to a real API server: what it cannot change in place, what is large, what it does not know yet, and what it refuses.</summary>
[Trait("Needs", "Cluster")]
public sealed class ApplyingTests
{
    [Fact]
    public async Task A_job_whose_template_changed_is_deleted_and_made_anew_and_that_is_said()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await WithImageAsync(@namespace);
        project.Write("k8s/job.yaml", ManifestProject.Job("once", project.Image("app"), "first"));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        string uid = (string)(await @namespace.GetAsync("job", "once"))["metadata"]!["uid"]!;

        project.Write("k8s/job.yaml", ManifestProject.Job("once", project.Image("app"), "second"));
        Ended second = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        second.ShouldSay("Recreating once", "job/once: `spec.template` cannot be changed in place");
        ((string)(await @namespace.GetAsync("job", "once"))["metadata"]!["uid"]!).ShouldNotBe(uid);
    }

    [Fact]
    public async Task An_object_larger_than_an_annotation_may_be_is_applied_and_changed_and_left_alone_when_it_is_the_same()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        foreach (char letter in "ab")
        {
            project.Write("k8s/large.yaml", ManifestProject.ConfigMap("large", new string(letter, 400_000)));
            (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
            ((string)(await @namespace.GetAsync("configmap", "large"))["data"]!["a"]!)[..3].ShouldBe(new string(letter, 3));
        }
        string version = await @namespace.VersionOfAsync("configmap", "large");
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0).ShouldSay("Unchanged uncategorized");
        (await @namespace.VersionOfAsync("configmap", "large")).ShouldBe(version);
    }

    [Fact]
    public async Task A_kind_is_defined_before_the_objects_of_it_wherever_they_stand_and_its_image_is_injected()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        string group = $"{@namespace.Name}.example.com";
        await using TestProject project = await WithImageAsync(@namespace, $$"""
            resources:
              zz-kinds: {objects: ["gadgets.{{group}}"]}
            kinds:
              - {kind: Gadget, image_objects: [{path: "{.spec.image}"}]}

            """);
        project.Write("k8s/a.yaml", ManifestProject.Gadget(group, "first", project.Image("app"))).Write("k8s/z.yaml", ManifestProject.Definition(group));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        string tag = (string)(await @namespace.GetAsync($"gadgets.{group}", "first"))["spec"]!["image"]!["tag"]!;
        tag.ShouldMatch("^devloop-[0-9a-f]{16}$");
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0).ShouldSay("Deleted gadget/first", $"Deleted customresourcedefinition/gadgets.{group}");
        (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0).ShouldSay("nothing to do");
    }

    [Fact]
    public async Task A_namespace_of_the_manifests_comes_before_what_is_in_it_and_goes_when_asked()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        string other = @namespace.Name + "-own";
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("inside", metadata: $", namespace: {other}")).Write("k8s/z.yaml", $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {other}}}\n");
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        Ended down = (await DevloopProcess.RunAsync(project, "down", "--delete-namespaces")).ShouldExitWith(0);

        down.ShouldSay("Deleted configmap/inside", $"Deleted namespace/{other}");
    }

    [Fact]
    public async Task A_namespace_that_is_missing_is_4_and_the_message_names_it()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("lost", metadata: $", namespace: {@namespace.Name}-nowhere"));

        Ended ended = (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(4);

        ended.ShouldSay("DL4003", $"namespace `{@namespace.Name}-nowhere` of `configmap/lost` does not exist", "k8s/a.yaml:1");
    }

    [Fact]
    public async Task A_namespace_of_the_run_that_is_missing_is_4_and_all_help_is_to_create_it()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("lost"));
        string nowhere = @namespace.Name + "-nowhere";

        Ended ended = (await DevloopProcess.RunAsync(project, "ci", "-n", nowhere)).ShouldExitWith(4);

        ended.ShouldSay("DL4003", $"create it with `kubectl create namespace {nowhere}`", $"`kubectl create namespace {nowhere}` mends it").ShouldNotSay("the verbs");
    }

    [Fact]
    public async Task Fifty_resources_are_applied_side_by_side_and_again_change_nothing()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        string[] names = [.. Enumerable.Range(10, 50).Select(n => $"app-{n}")];
        foreach (string name in names)
            project.Write($"k8s/{name}.yaml", ManifestText.Deployment(name, "example.com/none:1").Replace("spec:\n  selector:", "spec:\n  replicas: 0\n  selector:"));
        await using DevloopProcess first = DevloopProcess.Start(project, "ci");
        (await first.EndAsync()).ShouldBe(0, first.Errors);

        (await @namespace.NamesAsync("deployments")).ShouldBe(names);
        // Not one after the other: all begin before the last one ends.
        first.Events.All.Last(e => e.Is("deploy_started")).Index.ShouldBeLessThan(first.Events.All.Last(e => e.Is("deploy_finished")).Index);
        await using DevloopProcess second = DevloopProcess.Start(project, "ci");
        (await second.EndAsync()).ShouldBe(0, second.Errors);
        second.Events.All.Where(e => e.Is("deploy_finished")).Select(e => e.Outcome).Distinct().ShouldBe(["unchanged"]);
    }

    private static async Task<TestProject> WithImageAsync(TestNamespace @namespace, string more = "")
    {
        TestProject project = (await ManifestProject.CreateAsync(@namespace)).WithSleeper();
        return project.Write("devloop.yaml", File.ReadAllText(project.PathOf("devloop.yaml")) + $"images:\n  {project.Image("app")}: {{context: .}}\n" + more);
    }
}
