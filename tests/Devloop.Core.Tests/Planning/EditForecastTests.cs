using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

/// <summary>
/// base ← api → deployment web
/// base ← job (nothing runs it)
/// other → deployment other
/// </summary>
public class EditForecastTests
{
    private readonly FakeFileTree _files = Shop.With("base").Feeding("api", "job").Image("other").Running("web", ["api"]).Running("other", ["other"])
        .File("base/.dockerignore", "# not these\n*.md\n")
        .Files();

    [Fact]
    public void An_edit_of_a_base_builds_it_and_maybe_what_is_on_it()
    {
        Plan plan = Of("base/src/main.txt");

        plan.Builds.Select(b => $"{b.Image} {b.Action}").ShouldBe(["base Build", "api Maybe", "job Maybe"]);
        plan.Builds[0].Reasons.ShouldBe([new BuildReason.FileChanged("base/src/main.txt", 2, "COPY src /src")]);
        plan.Builds[1].Reasons.ShouldBe([new BuildReason.BaseFirst(new ImageName("base"))]);
        plan.Deploys.Single().ShouldSatisfyAllConditions(
            d => d.Resource.Value.ShouldBe("web"), d => d.Action.ShouldBe(DeployAction.Maybe), d => d.Reasons.ShouldBe([new DeployReason.ImageMaybe(new ImageName("api"))]));
        plan.Unaffected.ShouldBe(["other", "resource/other"]);
    }

    [Fact]
    public void An_image_that_reads_an_edit_itself_is_built_whatever_its_base_becomes()
    {
        Plan plan = Of("base/src/main.txt", "api/src/main.txt");

        plan.Builds[1].Action.ShouldBe(BuildAction.Build);
        plan.Builds[1].Reasons.Length.ShouldBe(2);
        plan.Deploys.Single().Action.ShouldBe(DeployAction.Apply);
    }

    [Theory]
    [InlineData("api/notes.md", "api", "no instruction reads it", "api/Dockerfile", null)]
    [InlineData("base/notes.md", "base", "hidden by `*.md`", "base/.dockerignore", 2)]
    public void Of_a_file_that_nothing_reads_it_says_why(string path, string image, string why, string file, int? line)
    {
        Plan plan = Of(path);

        plan.Builds.ShouldBeEmpty();
        plan.Deploys.ShouldBeEmpty();
        plan.Unaffected.Length.ShouldBe(6);
        plan.Paths.Single().Images.ShouldBe([new PathVerdict(new ImageName(image), false, why, file, line)]);
    }

    [Fact]
    public void A_path_outside_of_every_context_concerns_no_image() => Of("k8s/none.txt").Paths.Single().Images.ShouldBeEmpty();

    [Theory]
    [InlineData("api/Dockerfile", "api Build")]
    [InlineData("base/.dockerignore", "base Maybe, api Maybe, job Maybe")]
    [InlineData("devloop.yaml", "base Maybe, api Maybe, job Maybe, other Maybe")]
    public void An_edit_of_what_defines_an_image_concerns_it(string path, string builds) =>
        string.Join(", ", Of(path).Builds.Select(b => $"{b.Image} {b.Action}")).ShouldBe(builds);

    [Fact]
    public void An_edit_of_a_manifest_applies_its_resource_and_builds_nothing()
    {
        Plan plan = Of("k8s/other.yaml");

        plan.Builds.ShouldBeEmpty();
        plan.Deploys.Single().Reasons.ShouldBe([new DeployReason.ManifestChanged("k8s/other.yaml")]);
    }

    private Plan Of(params string[] paths) => EditForecast.Of(FakeWork.Load(_files).Value!, [.. paths]);
}
