using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Testing.Clusters;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

/// <summary>What this run has applied it does not look at again without a reason.</summary>
public class AppliedObjectsTests
{
    [Fact]
    public async Task An_edit_of_one_object_among_many_is_one_apply_and_no_look()
    {
        LiveWorld world = Many();
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        int before = world.Cluster.Calls.Count;
        run.Save("k8s/c7.yaml", ConfigMap(7, "second"));
        await run.HearsAsync<News.DeployFinished>();
        // After it, the record is read once for what left the config.
        world.Cluster.Calls.Skip(before).Where(c => c.Reference.Name != "devloop-shop").ShouldHaveSingleItem().ShouldSatisfyAllConditions(c => c.Verb.ShouldBe("apply"), c => c.Reference.Name.ShouldBe("c7"));
    }

    [Fact]
    public async Task A_workload_that_was_deleted_by_hand_is_made_anew_by_the_next_edit_of_its_resource()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).File("k8s/settings.yaml", Service("1")));
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Status>(n => n.Resource.Value == "web" && n.Now is Health.Ready);
        await world.Cluster.DeleteAsync(new ObjectReference(new ObjectKind("apps/v1", "Deployment"), null, "web"), DeletePropagation.Background, CancellationToken.None);
        await run.HearsAsync<News.Status>(n => n.Resource.Value == "web" && n.Now is Health.Pending);
        run.Save("k8s/settings.yaml", Service("2"));
        await run.HearsAsync<News.Status>(n => n.Resource.Value == "web" && n.Now is Health.Ready);
        world.Cluster.All("Deployment").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_left_the_config_and_comes_back_is_applied_again()
    {
        LiveWorld world = Many();
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        run.Save("k8s/c7.yaml", "# nothing\n");
        await run.HearsAsync<Devloop.Session.SideNews.Removed>();
        world.Cluster.All("ConfigMap").ShouldNotContain(c => c["metadata"]!["name"]!.ToString() == "c7");
        run.Save("k8s/c7.yaml", ConfigMap(7, "first"));
        await run.HearsAsync<News.DeployFinished>();
        world.Cluster.All("ConfigMap").ShouldContain(c => c["metadata"]!["name"]!.ToString() == "c7");
    }

    [Fact]
    public async Task A_trigger_looks_at_everything()
    {
        LiveWorld world = Many();
        await using LiveRun run = world.Up();
        await run.HearsAsync<News.Quiet>();
        await world.Cluster.DeleteAsync(new ObjectReference(new ObjectKind("v1", "ConfigMap"), null, "c3"), DeletePropagation.Background, CancellationToken.None);
        run.Tell(new EngineEvent.TriggerRequested([], [new ResourceName("uncategorized")], NoCache: false));
        await run.HearsAsync<News.DeployFinished>();
        world.Cluster.All("ConfigMap").ShouldContain(c => c["metadata"]!["name"]!.ToString() == "c3");
    }

    private static LiveWorld Many()
    {
        Shop shop = Shop.With();
        for (int i = 0; i < 20; i++)
            shop.File($"k8s/c{i}.yaml", ConfigMap(i, "first"));
        return new LiveWorld(shop);
    }

    private static string ConfigMap(int number, string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata: {{key: {value}}}\n";

    private static string Service(string port) => $"apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: {port}}}]}}\n";
}
