using Devloop.Engine;
using Devloop.Model;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

public class ReloadScenarios
{
    private static Shop Pair => Shop.With("base").Image("api", "base").Running("web", ["api"]);

    [Fact]
    public void A_broken_config_leaves_the_last_good_one_in_force_and_is_told_once_it_is_mended()
    {
        Scenario scenario = Scenario.Given(Pair).Running();
        scenario.WhenEdited("devloop.yaml", "version: 1\nimages: [\n").ThenBuildsNothing().ThenDeploysNothing();
        scenario.News.ShouldContain(n => n is News.ConfigBroken);
        scenario.WhenSourceEdited("2", "api").ThenBuilds("api");
        scenario.WhenEdited("devloop.yaml", Pair.Config()).ThenCancels().ThenBuildsNothing();
        scenario.News.ShouldContain(n => n is News.ConfigLoaded);
        scenario.State.ConfigProblems.ShouldBeEmpty();
    }

    [Fact]
    public void A_broken_dockerfile_leaves_the_last_good_one_in_force() =>
        Scenario.Given(Pair).Running()
            .WhenEdited("api/Dockerfile", "FROM\n").ThenBuildsNothing()
            .WhenEdited("api/Dockerfile", "FROM base\nCOPY src /app\n").ThenBuilds("api").Because("api", "api/Dockerfile changed");

    [Fact]
    public void An_image_that_is_added_is_built_and_nothing_else() =>
        Scenario.Given(Pair.File("new/Dockerfile", "FROM base\nCOPY x /x\n").File("new/x", "1")).Running()
            .WhenEdited("devloop.yaml", Pair.Image("new", "base").Config()).ThenBuilds("new").Because("new", "first build");

    [Fact]
    public void The_build_of_an_image_that_is_removed_is_ended() =>
        Scenario.Given(Pair.Image("extra", "base")).Running()
            .WhenSourceEdited("2", "extra").ThenBuilds("extra")
            .WhenEdited("devloop.yaml", Pair.Config()).ThenCancels("extra").ThenBuildsNothing();

    [Fact]
    public void A_comment_in_a_dockerfile_builds_nothing() =>
        Scenario.Given(Pair).Running()
            .WhenEdited("api/Dockerfile", "# why\nFROM base\n\nCOPY src /src\n").ThenLooksAt("api").ThenBuildsNothing().ThenDeploysNothing();

    [Fact]
    public void A_dockerfile_that_names_another_base_is_built_on_it()
    {
        Scenario scenario = Scenario.Given(Pair.Image("other")).Running().WhenEdited("api/Dockerfile", "FROM other\nCOPY src /src\n").ThenBuilds("api");
        scenario.EachPinnedTo($"FROM other:{scenario.TagOf("other")}");
        scenario.WhenBuilt("api").WhenSourceEdited("2", "base").WhenBuilt("base").ThenBuildsNothing();
    }

    [Fact]
    public void An_ignore_file_that_hides_a_file_builds_the_image_that_read_it() =>
        Scenario.Given(Pair.File("api/src/junk", "x")).Running()
            .WhenEdited("api/.dockerignore", "src/junk\n").ThenBuilds("api").Because("api", "api/Dockerfile changed");

    [Fact]
    public void A_manifest_alone_is_deployed_without_a_build() =>
        Scenario.Given(Pair).Running()
            .WhenEdited("k8s/web.yaml", Shop.Manifest("web", "api").Replace("app: web", "app: web, tier: front", StringComparison.Ordinal))
            .ThenBuildsNothing().ThenDeploys("web");

    [Fact]
    public void A_new_manifest_in_a_directory_of_manifests_is_deployed() =>
        Scenario.Given(Pair).Running().WhenEdited("k8s/late.yaml", Shop.Manifest("late", "api")).ThenBuildsNothing().ThenDeploys("late");

    [Fact]
    public void A_resource_whose_manifest_goes_is_followed_no_more()
    {
        Scenario scenario = Scenario.Given(Pair.Running("job", ["base"])).Running().WhenDeleted("k8s/job.yaml").ThenDeploysNothing();
        scenario.State.Resources.Keys.ShouldBe([new ResourceName("web")]);
    }

    [Fact]
    public void Nothing_starts_while_the_config_is_being_read()
    {
        Scenario scenario = Scenario.Given(Pair).Running().HoldingLooks();
        scenario.WhenTouched("devloop.yaml", "base/src/main.txt").ThenLooksAt().AndHolds("base", new Devloop.Planning.HoldReason.Reloading());
        scenario.WhenLookEnds().ThenLooksAt("base");
    }

    [Fact]
    public void A_config_that_changes_while_it_is_read_is_read_again()
    {
        Scenario scenario = Scenario.Given(Pair).Running().HoldingLooks();
        scenario.WhenTouched("devloop.yaml");
        scenario.Asked.ShouldHaveSingleItem().ShouldBeOfType<EngineEffect.LoadProject>();
        scenario.WhenTouched("devloop.yaml").ThenAsksNothing();
        scenario.WhenLookEnds().Asked.ShouldHaveSingleItem().ShouldBeOfType<EngineEffect.LoadProject>();
        scenario.WhenLookEnds().ThenAsksNothing();
    }
}
