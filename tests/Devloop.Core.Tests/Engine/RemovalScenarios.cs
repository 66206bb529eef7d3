using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Engine;

/// <summary>When the engine looks for what left the config.</summary>
public sealed class RemovalScenarios
{
    private static Shop Two => Shop.With("api", "worker").Running("web", ["api"]).Running("jobs", ["worker"]);

    [Fact]
    public void It_is_looked_once_and_after_everything_was_applied() =>
        Scenario.Given(Two).WhenStarted()
            .WhenBuilt("api").WhenBuilt("worker").WhenApplied("web").ThenRemovesLeftovers(0)
            .WhenApplied("jobs").ThenRemovesLeftovers()
            .WhenReady("web").WhenReady("jobs").ThenRemovesLeftovers(0);

    [Fact]
    public void An_edit_that_changes_no_manifest_leads_to_no_further_look() =>
        Scenario.Given(Two).Running().WhenSourceEdited("2", "api").WhenBuilt("api").WhenApplied("web").WhenReady("web").ThenRemovesLeftovers(0);

    [Fact]
    public void A_manifest_that_goes_leads_to_a_look() =>
        Scenario.Given(Two).Running().WhenDeleted("k8s/jobs.yaml").ThenRemovesLeftovers();

    [Fact]
    public void A_build_that_fails_keeps_what_the_new_one_was_to_replace() =>
        Scenario.Given(Two).WhenStarted().WhenBuilt("api").WhenApplied("web").WhenBuildFails("worker").ThenRemovesLeftovers(0);
}
