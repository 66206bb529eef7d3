using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning.Live;

/// <summary>
/// base ← api → deployment web
/// base ← job (nothing runs it)
/// lib ← site → deployment site
/// </summary>
public class LiveForecastsTests
{
    private readonly FakeFileTree _files = Shop.With("base").Feeding("api", "job").Image("lib").Image("site", "lib").Running("web", ["api"]).Running("site", ["site"]).Files();

    [Fact]
    public void An_edit_that_containers_can_be_given_is_neither_built_nor_deployed()
    {
        Plan plan = Of(["api", "site"], "api/src/main.txt");

        plan.Builds.ShouldBeEmpty();
        plan.Deploys.ShouldBeEmpty();
        Shown(plan).ShouldBe("web: api/src/main.txt > /src/main.txt, restarted");
        plan.Unaffected.ShouldNotContain("api");
        plan.Unaffected.ShouldNotContain("resource/web");
    }

    [Fact]
    public void A_base_that_only_they_stand_on_is_not_built_either()
    {
        Plan plan = Of(["api", "site"], "lib/src/main.txt");

        plan.Builds.ShouldBeEmpty();
        Shown(plan).ShouldBe("site: lib/src/main.txt > /src/main.txt, restarted");
    }

    [Fact]
    public void A_base_of_others_is_built_for_these()
    {
        Plan plan = Of(["api", "site"], "base/src/main.txt");

        plan.Builds.Select(b => $"{b.Image} {b.Action}").ShouldBe(["base Build", "job Maybe"]);
        plan.Deploys.ShouldBeEmpty();
        Shown(plan).ShouldBe("web: base/src/main.txt > /src/main.txt, restarted");
    }

    [Fact]
    public void What_stands_in_the_way_is_a_reason_of_the_build()
    {
        _files.Write("api/Dockerfile", "FROM base\nCOPY src /src\nRUN make\n");

        PlannedBuild build = Of(["api"], "api/src/main.txt").Builds.Single();

        build.Reasons[^1].ShouldBe(new BuildReason.NotLive(new LiveObstacle("api/src/main.txt", "`RUN make` may read it", "api/Dockerfile", 3)));
        build.Reasons[^1].Text.ShouldBe("api/src/main.txt is built, since `RUN make` may read it");
    }

    [Fact]
    public void One_edit_that_has_to_be_built_takes_the_others_with_it()
    {
        _files.Write("api/Dockerfile", "FROM base\nCOPY package.json /\nRUN make\nCOPY src /src\n").Write("api/package.json", "");

        Of(["api"], "api/src/main.txt", "api/package.json").Builds.Single().Reasons.Length.ShouldBe(3);
        Of(["api"], "api/src/main.txt").Builds.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("api/Dockerfile")]
    [InlineData("api/Dockerfile", "api/src/main.txt")]
    public void A_Dockerfile_is_never_given(params string[] edits)
    {
        Plan plan = Of(["api"], edits);

        plan.LiveUpdates.ShouldBeEmpty();
        plan.Builds.Single().Reasons.ShouldNotContain(r => r is BuildReason.NotLive);
    }

    [Fact]
    public void A_file_that_nothing_reads_concerns_nobody()
    {
        Plan plan = Of(["api"], "api/notes.md");

        (plan.Builds.Length, plan.LiveUpdates.Length).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("CMD [\"nodemon\"]", "", false)]
    [InlineData("CMD nodemon", "", false)]
    [InlineData("ENTRYPOINT [\"tini\", \"--\"]\nCMD [\"nodemon\"]", "", false)]
    [InlineData("CMD [\"nodemon\"]\nENTRYPOINT [\"node\", \"x.js\"]", "", true)]
    [InlineData("CMD [\"node\"]", "", true)]
    [InlineData("CMD [\"node\"]", ", command: [nodemon]", false)]
    [InlineData("CMD [\"nodemon\"]", ", command: [node]", true)]
    [InlineData("ENTRYPOINT [\"npx\"]\nCMD [\"node\"]", ", args: [nodemon]", false)]
    [InlineData("", "", true)]
    public void It_says_whether_the_process_would_be_started_again(string commands, string container, bool restart)
    {
        _files.Write("api/Dockerfile", $"FROM base\nCOPY src /src\n{commands}\n");
        _files.Write("k8s/web.yaml", Shop.Manifest("web", "api").Replace("image: api", "image: api" + container, StringComparison.Ordinal));

        Of(["api"], "api/src/main.txt").LiveUpdates.Single().Restart.ShouldBe(restart);
    }

    [Fact]
    public void The_command_of_a_base_counts_unless_the_image_has_its_own_entrypoint()
    {
        _files.Write("base/Dockerfile", "FROM scratch\nCOPY src /src\nCMD [\"nodemon\"]\n");
        Of(["api"], "api/src/main.txt").LiveUpdates.Single().Restart.ShouldBeFalse();

        _files.Write("api/Dockerfile", "FROM base\nENTRYPOINT [\"tini\"]\nCOPY src /src\n");
        Of(["api"], "api/src/main.txt").LiveUpdates.Single().Restart.ShouldBeTrue();
    }

    private Plan Of(string[] live, params string[] edits)
    {
        ResolvedProject project = FakeWork.Load(_files).Value!;
        return EditForecast.Of(project, [.. edits], image => live.Contains(image.Value) ? LiveRulesFactory.Inferred(project, project.Image(image), RestartPolicy.Auto) : null);
    }

    private static string Shown(Plan plan) =>
        string.Join("; ", plan.LiveUpdates.Select(u => $"{u.Resource}: {string.Join(" ", u.Files.Select(f => $"{f.From} > {f.To}"))}{(u.Restart ? ", restarted" : "")}"));
}
