using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>What a look reads of an image's inputs: no more than may have changed, and never less.</summary>
public class KnownInputsScenarios
{
    private static Shop Pair => Shop.With("base").Image("api", "base").File("api/src/deep/a.txt", "a").File("api/src/deep/b.txt", "b");

    [Fact]
    public void The_first_look_reads_everything() => LookAt(Scenario.Given(Pair).WhenStarted(), "base").ShouldBeNull();

    [Fact]
    public void A_look_after_an_edit_reads_the_edited_file_alone_and_the_next_one_the_next()
    {
        Scenario scenario = Scenario.Given(Pair).Running();
        LookAt(scenario.WhenSourceEdited("2", "api"), "api")!.Changed.ShouldBe(["api/src/main.txt"]);
        LookAt(scenario.WhenEdited("api/src/deep/a.txt", "3"), "api")!.Changed.ShouldBe(["api/src/deep/a.txt"]);
    }

    [Fact]
    public void A_look_for_another_base_reads_nothing_again() =>
        LookAt(Scenario.Given(Pair).Running().WhenSourceEdited("2", "base").WhenBuilt("base"), "api")!.Changed.ShouldBeEmpty();

    [Fact]
    public void An_edit_during_a_look_ends_it_and_both_edits_are_read()
    {
        Scenario scenario = Scenario.Given(Pair).Running().HoldingLooks()
            .WhenSourceEdited("2", "api").ThenLooksAt("api")
            .WhenEdited("api/src/deep/a.txt", "2").ThenEndsLooksAt("api").ThenLooksAt("api");
        LookAt(scenario, "api")!.Changed.ShouldBe(["api/src/deep/a.txt", "api/src/main.txt"]);
    }

    [Fact]
    public void What_a_look_that_failed_was_to_read_is_read_by_the_next_one()
    {
        Scenario scenario = Scenario.Given(Pair).Running();
        scenario.Files.Lock("api/src/main.txt");
        scenario.WhenTouched("api/src/main.txt").ThenBuildsNothing();
        LookAt(scenario.WhenEdited("api/src/deep/a.txt", "2"), "api")!.Changed.ShouldBe(["api/src/deep/a.txt", "api/src/main.txt"]);
    }

    [Fact]
    public void When_anything_may_have_changed_everything_is_read()
    {
        Scenario scenario = Scenario.Given(Pair).Running();
        LookAt(scenario.WhenTheWatchStands(), "api").ShouldBeNull();
        LookAt(scenario.WhenEventsAreLost(), "api").ShouldBeNull();
        LookAt(scenario.WhenEdited("api/Dockerfile", "FROM base\nCOPY src/deep /src\n"), "api").ShouldBeNull();
        LookAt(scenario.WhenBuildIsObsolete("api", "api/src/deep/a.txt"), "api").ShouldBeNull();
    }

    [Fact]
    public void Changes_too_many_to_be_told_one_by_one_are_read_with_everything_else()
    {
        Scenario scenario = Scenario.Given(Pair).Running();
        LookAt(scenario.WhenTouched([.. Enumerable.Range(0, 10_001).Select(i => $"api/src/{i}")]), "api").ShouldBeNull();
        LookAt(scenario.WhenTouched([.. Enumerable.Range(0, 10_000).Select(i => $"api/src/{i}")]), "api")!.Changed.Count.ShouldBe(10_000);
    }

    [Fact]
    public void A_directory_that_goes_with_inputs_in_it_is_looked_at_though_no_instruction_names_it()
    {
        Scenario scenario = Scenario.Given(Pair.File("api/Dockerfile", "FROM base\nCOPY src/deep/*.txt /\n")).Running();
        scenario.WhenDeleted("api/src/deep").ThenBuilds("api").Because("api", "api/src/deep changed, read by `COPY src/deep/*.txt /`");
    }

    [Fact]
    public void A_directory_that_goes_while_the_inputs_are_read_for_the_first_time_is_not_missed()
    {
        Scenario scenario = Scenario.Given(Shop.With("api").File("api/Dockerfile", "FROM scratch\nCOPY src/*.txt /\n")).HoldingLooks().WhenStarted();
        scenario.WhenDeleted("api/src").ThenEndsLooksAt("api").ThenLooksAt("api");
    }

    [Fact]
    public void A_context_that_goes_is_looked_at() =>
        Scenario.Given(Pair).Running().WhenDeleted("api").ThenLooksAt("api").State.Images[new ImageName("api")].Failure.ShouldNotBeNull();

    [Fact]
    public void What_a_link_among_the_inputs_leads_to_is_an_input()
    {
        Shop shop = Shop.With("api").File("api/Dockerfile", "FROM scratch\nCOPY current/app.conf /\n").File("api/v1/app.conf", "1").File("api/v2/app.conf", "2");
        Scenario scenario = Scenario.Given(shop);
        scenario.Files.Link("api/current", "v1");
        scenario.Running();
        scenario.WhenEdited("api/v1/app.conf", "1b").ThenBuilds("api").WhenBuilt("api");
        scenario.WhenEdited("api/v2/app.conf", "2b").ThenAsksNothing();
        scenario.Files.Link("api/current", "v2");
        scenario.WhenTouched("api/current").ThenBuilds("api").WhenBuilt("api");
        scenario.WhenEdited("api/v2/app.conf", "2c").ThenBuilds("api");
    }

    private static KnownInputs? LookAt(Scenario scenario, string image) =>
        scenario.Asked.OfType<EngineEffect.TakeFingerprint>().Last(l => l.Image.Name.Value == image).Known;
}
