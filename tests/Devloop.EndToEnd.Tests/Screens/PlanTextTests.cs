using System.Collections.Immutable;
using Devloop.Cli.Terminal;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.EndToEnd.Tests.Screens;

public class PlanTextTests
{
    private static readonly Shop Some = Shop.With("base").Feeding("api", "worker").Image("web").Running("api", ["api"]).Running("web", ["web"])
        .File("base/.dockerignore", "*.md\n");

    [Fact]
    public void Of_edits() => Check("plan-edits", "base/src/main.txt", "base/notes.md", "worker/src/main.txt", "elsewhere.txt");

    [Fact]
    public void Of_very_many_edits() => Check("plan-many-edits", [.. Enumerable.Range(0, 12).Select(i => $"web/src/{i}.txt")]);

    [Fact]
    public async Task Of_what_is_there()
    {
        var world = new LiveWorld(Some);
        await using (LiveRun run = world.Ci())
            await run.OutcomeAsync();
        world.Files.Write("base/src/main.txt", "2").Write("worker/src/new.txt", "");
        Plan plan = await world.PlanAsync();
        Golden.Check(PlanText.Of(plan, Palette.None), "plan-now");
        Golden.Check(PlanText.Json(plan).ToJsonString(JsonShapes.Indented) + "\n", "plan-now-json");
    }

    [Fact]
    public async Task Of_what_left_the_config()
    {
        var world = new LiveWorld(Shop.With("api").Running("web", ["api"]).File("k8s/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"));
        await using (LiveRun run = world.Ci())
            await run.OutcomeAsync();
        world.Files.Delete("k8s/settings.yaml");
        Plan plan = await world.PlanAsync();
        Golden.Check(PlanText.Of(plan, Palette.None) + PlanText.Json(plan).ToJsonString(JsonShapes.Indented) + "\n", "plan-removals");
    }

    [Fact]
    public void Of_edits_that_go_into_running_containers()
    {
        ResolvedProject project = FakeWork.Load(Some.Files().Write("worker/Dockerfile", "FROM base\nCOPY src /src\nRUN make\n").Write("web/Dockerfile", "FROM scratch\nCOPY src /www\nCMD [\"nginx\"]\n")
            .Write("k8s/web.yaml", Shop.Manifest("web", "web", "worker"))).Value!;
        Plan plan = EditForecast.Of(project, ["api/src/main.txt", "worker/src/main.txt", .. Enumerable.Range(0, 7).Select(i => $"web/src/{i}.html")], i => LiveRulesFactory.Inferred(project, project.Image(i), RestartPolicy.Auto));
        Golden.Check(PlanText.Of(plan, Palette.None) + PlanText.Json(plan).ToJsonString(JsonShapes.Indented) + "\n", "plan-live-updates");
    }

    private static void Check(string golden, params string[] edits) =>
        Golden.Check(PlanText.Of(EditForecast.Of(FakeWork.Load(Some.Files()).Value!, [.. edits]), Palette.None), golden);
}
