using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>What leaves the config leaves the cluster; what others have there stays.</summary>
[Trait("Needs", "Cluster")]
public sealed class PruningTests
{
    [Fact]
    public async Task An_object_that_left_the_config_between_two_runs_is_deleted_by_the_second_and_those_of_others_stay()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject mine = await ManifestProject.CreateAsync(@namespace);
        await using TestProject theirs = await ManifestProject.CreateAsync(@namespace);
        mine.Write("k8s/a.yaml", ManifestProject.ConfigMap("stays")).Write("k8s/b.yaml", ManifestProject.ConfigMap("goes")).Write("k8s/c.yaml", ManifestProject.ConfigMap("shared"));
        theirs.Write("k8s/a.yaml", ManifestProject.ConfigMap("theirs")).Write("k8s/c.yaml", ManifestProject.ConfigMap("shared", "2"));
        (await DevloopProcess.RunAsync(mine, "ci")).ShouldExitWith(0);
        (await DevloopProcess.RunAsync(theirs, "ci")).ShouldExitWith(0);
        await @namespace.KubectlAsync("create", "configmap", "by-hand");

        File.Delete(mine.PathOf("k8s/b.yaml"));
        File.Delete(mine.PathOf("k8s/c.yaml"));
        Ended second = (await DevloopProcess.RunAsync(mine, "ci")).ShouldExitWith(0);

        second.ShouldSay("Removed uncategorized configmap/goes", "Kept uncategorized configmap/shared");
        (await @namespace.NamesAsync("configmaps")).ShouldBe(["by-hand", "shared", "stays", "theirs"]);
    }

    [Fact]
    public async Task An_edit_while_up_runs_takes_the_object_away_and_tells_it()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("one") + "---\n" + ManifestProject.ConfigMap("two"));
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        int mark = up.Events.Count;

        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("two") + "---\n" + ManifestProject.ConfigMap("three"));

        RunEvent removed = await up.SeenAsync("object_removed", from: mark);
        (removed.Text("object"), removed.Outcome, removed.Text("namespace")).ShouldBe(("configmap/one", "deleted", @namespace.Name));
        await up.ReadyAsync(removed.Index);
        (await @namespace.NamesAsync("configmaps")).ShouldBe(["three", "two"]);
        await up.StopAsync();
    }

    [Fact]
    public async Task Each_namespace_has_a_deployment_of_its_own()
    {
        await using TestNamespace one = await TestNamespace.CreateAsync();
        await using TestNamespace other = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(one);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("stays")).Write("k8s/b.yaml", ManifestProject.ConfigMap("goes"));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        (await DevloopProcess.RunAsync(project, "ci", "-n", other.Name)).ShouldExitWith(0);
        File.Delete(project.PathOf("k8s/b.yaml"));

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);

        (await one.NamesAsync("configmaps")).ShouldBe(["stays"]);
        (await other.NamesAsync("configmaps")).ShouldBe(["goes", "stays"]);
    }

    [Fact]
    public async Task A_deletion_that_a_finalizer_holds_is_told_and_goes_on_when_it_is_taken_off()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("stays")).Write("k8s/b.yaml", ManifestProject.ConfigMap("held", metadata: ", finalizers: [example.com/hold]"));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        File.Delete(project.PathOf("k8s/b.yaml"));
        await using DevloopProcess ci = DevloopProcess.StartForPeople(project, "ci");

        await ci.SaidAsync("configmap/held is on its way out: finalizer `example.com/hold` holds it");
        await @namespace.KubectlAsync("patch", "configmap", "held", "--type=merge", "--patch", "{\"metadata\":{\"finalizers\":null}}");

        (await ci.EndAsync()).ShouldBe(0, ci.Errors);
        ci.Errors.ShouldContain("configmap/held");
        (await @namespace.NamesAsync("configmaps")).ShouldBe(["stays"]);
    }

    [Fact]
    public async Task Down_takes_away_what_the_config_has_and_what_it_had_and_a_second_one_has_nothing_to_do()
    {
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await ManifestProject.CreateAsync(@namespace);
        project.Write("k8s/a.yaml", ManifestProject.ConfigMap("one")).Write("k8s/b.yaml", ManifestProject.ConfigMap("two"))
            .Write("k8s/c.yaml", ManifestProject.ConfigMap("kept", metadata: ", annotations: {devloop.dev/down-policy: keep}"));
        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(0);
        File.Delete(project.PathOf("k8s/b.yaml"));

        Ended down = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);
        Ended again = (await DevloopProcess.RunAsync(project, "down")).ShouldExitWith(0);

        down.ShouldSay("Deleted configmap/two", "Deleted configmap/one", "Kept configmap/kept", "2 objects deleted");
        again.ShouldSay("nothing to do");
        (await @namespace.KubectlAsync("get", "configmaps", "--output", "name")).ShouldNotContain(project.Id);
        (await @namespace.NamesAsync("configmaps")).ShouldBe(["kept"]);
    }
}
