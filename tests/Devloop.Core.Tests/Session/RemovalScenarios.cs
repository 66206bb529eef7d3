using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Session;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>What left the config leaves the cluster, and nothing else does.</summary>
public sealed class RemovalScenarios
{
    private const string Settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: \"1\"}\n";

    private static Shop Web => Shop.With("api").Running("web", ["api"]).File("k8s/settings.yaml", Settings);

    [Fact]
    public async Task An_object_that_leaves_a_manifest_is_deleted_while_the_run_goes_on()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Save("k8s/settings.yaml", Settings.Replace("name: settings", "name: other"));
        SideNews.Removed removed = await run.HearsAsync<SideNews.Removed>();
        (removed.Resource, removed.Object.ToString(), removed.Outcome).ShouldBe(("uncategorized", "configmap/settings", RemovalOutcome.Deleted));
        await run.HearsAsync<News.Quiet>();
        Names(world).ShouldBe(["other"]);
        FakeCall[] calls = [.. world.Cluster.Calls];
        Array.FindIndex(calls, c => c is { Verb: "apply", Reference.Name: "other" }).ShouldBeLessThan(Array.FindIndex(calls, c => c.Verb == "delete"));
    }

    [Fact]
    public async Task An_object_that_moves_to_another_namespace_is_deleted_in_the_old_one()
    {
        var world = new LiveWorld(Web.Namespace("team"));
        await RunAsync(world);
        world.Files.Write("k8s/settings.yaml", Settings.Replace("name: settings", "name: settings, namespace: team"));
        (await RunAsync(world)).OfType<SideNews.Removed>().ShouldHaveSingleItem().Object.Namespace.ShouldBe("default");
        world.Cluster.All("ConfigMap").Where(c => c.Text("metadata", "name") == "settings").Select(c => c.Text("metadata", "namespace")).ShouldBe(["team"]);
    }

    [Fact]
    public async Task What_left_the_config_between_two_runs_is_deleted_by_the_second()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        world.Files.Delete("k8s/settings.yaml");
        await RunAsync(world);
        Names(world).ShouldBeEmpty();
        world.Cluster.All("Deployment").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_workload_and_its_pods_go_with_the_file_that_named_them()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).Running("worker", ["api"]));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        world.Files.Delete("k8s/worker.yaml");
        world.Watcher.Change($"{world.Files.Root}/k8s/worker.yaml");
        (await run.HearsAsync<SideNews.Removed>()).Object.ToString().ShouldBe("deployment/worker");
        await run.HearsAsync<News.Quiet>();
        world.Cluster.All("Deployment").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_second_run_on_the_same_files_writes_nothing()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        int calls = world.Cluster.Calls.Count;
        await RunAsync(world);
        world.Cluster.Calls.Skip(calls).ShouldAllBe(c => c.Verb == "get");
    }

    [Fact]
    public async Task The_record_has_an_object_before_the_cluster_does()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        FakeCall[] applied = [.. world.Cluster.Calls.Where(c => c.Verb == "apply")];
        applied[0].Reference.Name.ShouldBe("devloop-shop");
        applied.Count(c => c.Reference.Name == "devloop-shop").ShouldBe(1);
        Record(world).ShouldBe(["configmap/settings", "deployment/web"]);
    }

    [Fact]
    public async Task A_plan_names_what_a_run_would_delete_and_deletes_nothing()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        (await world.PlanAsync()).Removals.ShouldBeEmpty();
        world.Files.Delete("k8s/settings.yaml");
        (await world.PlanAsync()).Removals.ShouldHaveSingleItem().Object.ToString().ShouldBe("configmap/settings");
        Names(world).ShouldBe(["settings"]);
    }

    [Fact]
    public async Task An_object_that_another_project_has_taken_over_is_left_alone()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        await world.Cluster.ApplyAsync(Json.Parse($$"""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "annotations": {"{{RecordPlace.Annotation}}": "default/devloop-other"} } }"""), CancellationToken.None);
        world.Files.Delete("k8s/settings.yaml");
        IReadOnlyList<object> told = await RunAsync(world);
        told.OfType<SideNews.Removed>().ShouldHaveSingleItem().Outcome.ShouldBe(RemovalOutcome.OfAnother);
        Names(world).ShouldBe(["settings"]);
        Record(world).ShouldBe(["deployment/web"]);
    }

    [Fact]
    public async Task An_object_that_asks_to_stay_stays_and_that_is_told_once()
    {
        var world = new LiveWorld(Web.File("k8s/settings.yaml", Settings.Replace("name: settings", "name: settings, annotations: {devloop.dev/down-policy: keep}")));
        await RunAsync(world);
        world.Files.Delete("k8s/settings.yaml");
        (await RunAsync(world)).OfType<SideNews.Removed>().ShouldHaveSingleItem().Outcome.ShouldBe(RemovalOutcome.Kept);
        (await RunAsync(world)).OfType<SideNews.Removed>().ShouldBeEmpty();
        Names(world).ShouldBe(["settings"]);
    }

    [Fact]
    public async Task A_run_of_some_resources_deletes_nothing_of_the_others()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).Running("worker", ["api"]).File("k8s/settings.yaml", Settings));
        await RunAsync(world);
        world.Files.Delete("k8s/settings.yaml");
        world.Files.Delete("k8s/worker.yaml");
        await RunAsync(world, "web");
        world.Cluster.All("Deployment").Count.ShouldBe(2);
        Names(world).ShouldBe(["settings"]);
        await RunAsync(world);
        world.Cluster.All("Deployment").Count.ShouldBe(1);
        Names(world).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_broken_config_deletes_nothing()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Save("k8s/settings.yaml", "kind: [");
        await run.HearsAsync<News.ConfigBroken>();
        run.Save("api/src/main.txt", "2");
        await run.HearsAsync<News.Quiet>(q => q.Round.Built > 0);
        Names(world).ShouldBe(["settings"]);
    }

    [Fact]
    public async Task Nothing_is_deleted_before_what_is_new_could_be_applied()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        world.Files.Write("k8s/settings.yaml", Settings.Replace("name: settings", "name: other"));
        world.Cluster.Refuse = c => c is { Verb: "apply", Reference.Name: "other" } ? new ClusterException(422, "Invalid", "no such thing") : null;
        await using (LiveRun refused = world.Ci())
            (await refused.OutcomeAsync()).ShouldBe(RunOutcome.DeployFailed);
        Names(world).ShouldBe(["settings"]);
        world.Cluster.Refuse = _ => null;
        await RunAsync(world);
        Names(world).ShouldBe(["other"]);
    }

    [Fact]
    public async Task A_leftover_that_may_not_be_deleted_fails_the_run_and_is_tried_by_the_next()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        world.Files.Delete("k8s/settings.yaml");
        world.Cluster.Refuse = c => c.Verb == "delete" ? new ClusterException(403, "Forbidden", "configmaps \"settings\" is forbidden: User \"me\" cannot delete resource \"configmaps\" in API group \"\" in the namespace \"default\"") : null;
        await using (LiveRun run = world.Ci())
        {
            (await run.HearsAsync<News.RemovalFailed>()).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.ApplyForbidden);
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.DeployFailed);
        }
        world.Cluster.Refuse = _ => null;
        await RunAsync(world);
        Names(world).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cluster_that_goes_away_meanwhile_is_asked_again_when_it_is_back()
    {
        var world = new LiveWorld(Web);
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        world.Cluster.Refuse = c => c.Verb == "delete" ? new ClusterException(0, "", "the connection was refused") : null;
        world.Files.Delete("k8s/settings.yaml");
        world.Watcher.Change($"{world.Files.Root}/k8s/settings.yaml");
        (await run.HearsAsync<News.RemovalFailed>()).Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.ClusterUnreachable);
        world.Cluster.Refuse = _ => null;
        await world.Clock.UntilTimersAsync(1, TimeSpan.FromSeconds(2));
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        (await run.HearsAsync<SideNews.Removed>()).Outcome.ShouldBe(RemovalOutcome.Deleted);
    }

    [Fact]
    public async Task Without_the_right_to_keep_a_record_everything_is_deployed_and_a_warning_says_what_is_missing()
    {
        var world = new LiveWorld(Web);
        world.Cluster.Refuse = c => c.Reference.Name == "devloop-shop" ? new ClusterException(403, "Forbidden", "configmaps \"devloop-shop\" is forbidden: User \"me\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"default\"") : null;
        IReadOnlyList<object> told = await RunAsync(world);
        Diagnostic warning = told.OfType<SideNews.Notice>().ShouldHaveSingleItem().Diagnostic;
        (warning.Code, warning.Severity).ShouldBe((DiagnosticCode.RecordUnavailable, Severity.Warning));
        world.Cluster.All("Deployment").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_namespace_written_into_an_object_whose_kind_has_none_deletes_nothing()
    {
        const string Definition = "k8s/crd.json";
        JsonObject definition = CustomKind.Definition("example.com", "Gadget");
        definition["metadata"]!["annotations"] = new JsonObject { ["a"] = "b" };
        definition["metadata"]!["namespace"] = "elsewhere";
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).File(Definition, definition.ToJsonString()));
        await RunAsync(world);
        definition["metadata"]!.AsObject().Remove("namespace");
        world.Files.Write(Definition, definition.ToJsonString());
        (await RunAsync(world)).OfType<SideNews.Removed>().ShouldBeEmpty();
        world.Cluster.All("CustomResourceDefinition").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_Namespace_and_the_definition_of_a_kind_stay_when_they_leave_the_config()
    {
        var world = new LiveWorld(Web.Namespace("team").File("k8s/crd.json", CustomKind.Definition("example.com", "Gadget").ToJsonString()));
        await RunAsync(world);
        world.Files.Delete("k8s/00-namespace.yaml");
        world.Files.Delete("k8s/crd.json");
        (await RunAsync(world)).OfType<SideNews.Removed>().ShouldHaveSingleItem().Outcome.ShouldBe(RemovalOutcome.KindKept);
        world.Cluster.All("Namespace").Select(n => n.Text("metadata", "name")).ShouldContain("team");
        world.Cluster.All("CustomResourceDefinition").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_kind_and_a_namespace_are_there_before_the_objects_that_need_them()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"])
            .File("k8s/a.yaml", "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: one, namespace: team}\n")
            .Namespace("team")
            .File("k8s/z.json", CustomKind.Definition("example.com", "Gadget").ToJsonString()));
        await RunAsync(world);
        world.Cluster.All("Gadget").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_record_in_a_namespace_that_the_project_brings_is_kept_all_the_same()
    {
        var world = new LiveWorld(Web.Namespace("team")) { Cluster = new FakeCluster("team") };
        await world.Cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "Namespace"), null, "team"), DeletePropagation.Background, CancellationToken.None);
        await using (LiveRun run = world.Ci(defaultNamespace: "team"))
            (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        Record(world).ShouldBe(["configmap/settings", "deployment/web"]);
    }

    [Fact]
    public async Task A_field_that_cannot_be_changed_leads_to_an_announced_delete_and_a_new_object()
    {
        var world = new LiveWorld(Web);
        await RunAsync(world);
        string before = world.Cluster.All("ConfigMap").Single(c => c.Text("metadata", "name") == "settings").Text("metadata", "uid")!;
        bool refused = false;
        world.Cluster.Refuse = c =>
        {
            if (c is not { Verb: "apply", Reference.Name: "settings" } || refused)
                return null;
            refused = true;
            return new ClusterException(422, "Invalid", "ConfigMap \"settings\" is invalid", [new ClusterCause("FieldValueForbidden", "field is immutable when `immutable` is set", "data")]);
        };
        world.Files.Write("k8s/settings.yaml", Settings.Replace("\"1\"", "\"2\""));
        (await RunAsync(world)).OfType<SideNews.Recreating>().ShouldHaveSingleItem().Why.ShouldBe("`data` cannot be changed in place");
        JsonObject now = world.Cluster.All("ConfigMap").Single(c => c.Text("metadata", "name") == "settings");
        (now.Text("data", "a"), now.Text("metadata", "uid") == before).ShouldBe(("2", false));
    }

    [Fact]
    public async Task A_deletion_that_hangs_on_a_finalizer_is_told_and_given_up_in_the_end()
    {
        var world = new LiveWorld(Web.File("k8s/settings.yaml", Settings.Replace("name: settings", "name: settings, finalizers: [example.com/hold]")));
        await RunAsync(world);
        world.Files.Delete("k8s/settings.yaml");
        await using LiveRun run = world.Ci();
        await world.Clock.UntilTimersAsync(1, Departures.Silence);
        world.Clock.Advance(Departures.Silence);
        (await run.HearsAsync<SideNews.WaitsToGo>()).Why.ShouldBe("finalizer `example.com/hold` holds it");
        await world.Clock.UntilTimersAsync(1, Departures.Patience - Departures.Silence);
        world.Clock.Advance(Departures.Patience);
        Diagnostic hangs = (await run.HearsAsync<News.RemovalFailed>()).Diagnostics.ShouldHaveSingleItem();
        hangs.Code.ShouldBe(DiagnosticCode.DeletionHangs);
        hangs.Message.ShouldContain("finalizer `example.com/hold` holds it");
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.DeployFailed);
    }

    private static async Task<IReadOnlyList<object>> RunAsync(LiveWorld world, params string[] names)
    {
        await using LiveRun run = world.Ci(names: names);
        (await run.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        return run.ToldSoFar();
    }

    /// <summary>ConfigMaps, without the record.</summary>
    private static string?[] Names(LiveWorld world) => [.. world.Cluster.All("ConfigMap").Select(c => c.Text("metadata", "name")).Where(n => n != "devloop-shop")];

    private static string[] Record(LiveWorld world) =>
        [.. AppliedRecord.Read(world.Cluster.All("ConfigMap").Single(c => c.Text("metadata", "name") == "devloop-shop")).Objects.Select(o => o.Object.ToString()).Order(StringComparer.Ordinal)];
}
