using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Core.Tests.Planning;

public class BuilderSupportTests
{
    [Theory]
    [InlineData("shm_size: 64m", "0.8", false, "`shm_size` of image `api` needs BuildKit 0.10, and the builder has 0.8")]
    [InlineData("shm_size: 64m", "0.10", false, null)]
    [InlineData("ulimits: {nofile: 1}", "0.9.3", false, "`ulimits` of image `api` needs BuildKit 0.10, and the builder has 0.9")]
    [InlineData("annotations: {a: b}", "0.10.6", false, "`annotations` of image `api` needs BuildKit 0.11, and the builder has 0.10")]
    [InlineData("annotations: {a: b}", "0.11.7", false, "`annotations` of image `api` needs a builder with the containerd image store, which the builder does not use")]
    [InlineData("annotations: {a: b}", "0.11.7", true, null)]
    [InlineData("sbom: true", "0.12", false, "`sbom` of image `api` needs a builder with the containerd image store, which the builder does not use")]
    [InlineData("provenance: max", "0.12", true, null)]
    [InlineData("sbom: false", "0.8", false, null)]
    [InlineData("cache_from: [reg.io/a]", "0.8", false, null)]
    [InlineData("cache_to: [{type: inline}]", "0.8", false, null)]
    [InlineData("cache_to: [reg.io/a]", "0.12", false, "`cache_to` of image `api` needs a builder with the containerd image store, which the builder does not use")]
    [InlineData("cache_to: [reg.io/a]", "0.12", true, null)]
    [InlineData("platforms: [linux/amd64, linux/arm64]", "0.12", false, "`platforms` of image `api` needs a builder with the containerd image store, which the builder does not use")]
    [InlineData("platforms: [linux/amd64, linux/arm64]", "0.12", true, null)]
    [InlineData("platforms: [linux/arm64]", "0.8", false, null)]
    [InlineData("no_cache: true", "0.8", false, null)]
    public void What_a_builder_would_pass_over_is_told_instead(string yaml, string version, bool keepsContent, string? problem) =>
        (Missing(yaml, new BuilderAbilities { Name = "the builder", BuildKit = new Version(version), KeepsContent = keepsContent }).SingleOrDefault()?.Message).ShouldBe(problem);

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 2)]
    public void The_cache_of_actions_counts_in_actions_alone(bool inActions, int problems) =>
        Missing("{cache_from: [{type: gha}], cache_to: [{type: gha}]}", new BuilderAbilities { Name = "the builder", BuildKit = new Version(0, 8), InActions = inActions }).Length.ShouldBe(problems);

    [Theory]
    [InlineData("0.19", true, "`cache_to` of image `api` needs BuildKit 0.20, and the builder has 0.19")]
    [InlineData("0.20", true, null)]
    [InlineData("0.11", false, null)]
    public void The_second_version_of_the_cache_of_actions_needs_a_newer_builder(string version, bool isNew, string? problem) =>
        (Missing("cache_to: [{type: gha}]", new BuilderAbilities { Name = "the builder", BuildKit = new Version(version), KeepsContent = true, InActions = true, NewActionsCache = isNew }).SingleOrDefault()?.Message).ShouldBe(problem);

    [Fact]
    public void The_place_is_the_key_in_the_config()
    {
        Diagnostic problem = Missing("shm_size: 64m", new BuilderAbilities { Name = "Docker Engine 20.10.24", BuildKit = new Version(0, 8) }).ShouldHaveSingleItem();

        (problem.Code, problem.At!.Line, problem.At.Text, problem.Help).ShouldBe((DiagnosticCode.BuilderCannot, 4, "shm_size", "BuildKit 0.10 is in Docker Engine 23.0 and newer ones; or `builder: buildkit` builds elsewhere"));
    }

    [Fact]
    public void All_that_it_takes_is_told_at_once_and_in_the_order_of_the_config()
    {
        ImmutableArray<Diagnostic> problems = Missing("shm_size: 64m\n    sbom: true\n    platforms: [linux/amd64, linux/arm64]", new BuilderAbilities { Name = "Docker Engine 20.10.24", BuildKit = new Version(0, 8) });

        problems.Select(p => p.At!.Line).ShouldBe([4, 5, 6]);
        problems[1].Help.ShouldBe("BuildKit 0.11 is in Docker Engine 24.0 and newer ones, where this needs the containerd image store too; or `builder: buildkit` builds elsewhere");
    }

    [Fact]
    public void A_buildkit_of_its_own_is_not_told_of_engines()
    {
        Diagnostic problem = Missing("sbom: true", new BuilderAbilities { Name = "BuildKit 0.10.6", IsEngine = false, BuildKit = new Version(0, 10, 6), KeepsContent = true }).ShouldHaveSingleItem();

        (problem.Message, problem.Help).ShouldBe(("`sbom` of image `api` needs BuildKit 0.11, and the builder is BuildKit 0.10.6", "a buildkitd of 0.11 or newer at `builder.address` has it"));
    }

    [Fact]
    public void An_image_that_asks_for_nothing_needs_no_question() => BuilderSupport.Depends(Image("context: .")).ShouldBeFalse();

    private static ImmutableArray<Diagnostic> Missing(string yaml, BuilderAbilities builder) => BuilderSupport.Missing(Image(yaml), builder);

    private static ImageTarget Image(string yaml) =>
        ConfigReader.Read(new SourceText("devloop.yaml", $"version: 1\nimages:\n  api:\n    {yaml}\n"), "/project").Value.ShouldNotBeNull().Images.ShouldHaveSingleItem();
}
