using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

/// <summary>
/// proto → codegen → api/src/gen → image api (on base) → deployment web ← check
/// seed ← deployment db; lone; bind (reads api/src/gen)
/// </summary>
public class LocalPlanningTests
{
    private static Shop Project => Shop.With("base").Image("api", "base").Image("db").Running("web", ["api"]).Running("db", ["db"]).File("proto/p", "1")
        .Local("codegen", "command: make gen, deps: [proto], produces: [api/src/gen], depends_on: [setup]")
        .Local("setup", "command: setup")
        .Local("check", "command: check, depends_on: [web]")
        .Local("bind", "command: bind, deps: [api/src/gen]")
        .Local("seed", "command: seed, depends_on: [db], produces: [lost]")
        .Local("lone", "command: lone");

    private static ResolvedProject Resolved => FakeWork.Load(Project.Files()).Value!;

    [Theory]
    [InlineData("web", "web,codegen,setup")]
    [InlineData("check", "web,codegen,setup,check")]
    [InlineData("bind", "codegen,setup,bind")]
    [InlineData("seed", "db,seed")]
    [InlineData("lone", "lone")]
    public void What_is_named_comes_with_the_commands_that_write_what_it_needs(string name, string resources) =>
        Selection.OfResources(Resolved, [name]).Value!.Resources.Select(r => r.Name.Value).ShouldBe(resources.Split(','), ignoreOrder: true);

    [Fact]
    public void An_image_that_is_built_alone_comes_with_the_commands_that_write_what_it_reads()
    {
        Selection.OfImages(Resolved, ["api"]).Value!.Resources.Select(r => r.Name.Value).ShouldBe(["codegen", "setup"], ignoreOrder: true);
        Selection.OfImages(Resolved, ["db"]).Value!.Resources.ShouldBeEmpty();
        Selection.OfImages(Resolved, []).Value!.Resources.Where(r => r.Local is not null).Select(r => r.Name.Value).ShouldBe(["codegen", "setup"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_plan_runs_every_command_once_and_leaves_open_what_they_write()
    {
        var world = new LiveWorld(Project);
        await using (LiveRun run = world.Build())
            run.ToldSoFar();
        Plan plan = await world.PlanAsync();
        plan.Deploys.Where(d => d.Action == DeployAction.Run).Select(d => d.Resource.Value).ShouldBe(["codegen", "setup", "check", "bind", "seed", "lone"]);
        plan.Builds.Single(b => b.Image.Value == "api").Reasons.ShouldContain(new BuildReason.LocalFirst(new("codegen")));
    }

    [Theory]
    [InlineData("api", "api/src/gen", true)]
    [InlineData("api/src", "api/src/gen", true)]
    [InlineData("api/notes.md", "api/notes.md", false)]
    [InlineData("api/src/main.txt", "api/src/main.txt", true)]
    [InlineData(".", "api", true)]
    [InlineData("other", "proto/gen", false)]
    public void An_image_is_fed_by_what_writes_below_its_sources_or_above_its_context(string _, string produces, bool feeds)
    {
        ResolvedProject project = FakeWork.Load(Shop.With("api").Local("gen", $"command: x, produces: [{produces}]").Files()).Value!;
        project.Producers.Of(new Devloop.Model.ImageName("api")).Any().ShouldBe(feeds);
    }

    [Theory]
    [InlineData("src", "src/a/b.go", true)]
    [InlineData("src", "srcs/a", false)]
    [InlineData("src/**/*.go", "src/a.go", true)]
    [InlineData("src/**/*.go", "src/a/b/c.go", true)]
    [InlineData("src/**/*.go", "src/a/b/c.rs", false)]
    [InlineData("src/*.go", "src/a/b.go", false)]
    [InlineData("src/?.go", "src/ab.go", false)]
    [InlineData("src/*", "src/a/b.go", true)]
    [InlineData("**/gen", "x/y/gen/z", true)]
    [InlineData(".", "any/thing", true)]
    [InlineData("a+b(c).txt", "a+b(c).txt", true)]
    public void A_glob_names_paths_and_what_is_below_them(string glob, string path, bool named) =>
        (new PathGlob(glob).Relate(path) == GlobRelation.Named).ShouldBe(named);

    [Theory]
    [InlineData("src/**/*.go", "src", GlobRelation.OnTheWay)]
    [InlineData("src/**/*.go", "src/deep", GlobRelation.OnTheWay)]
    [InlineData("src/*/x.go", "src/a", GlobRelation.OnTheWay)]
    [InlineData("src/*/x.go", "src/a/y", GlobRelation.Apart)]
    [InlineData("src", "other", GlobRelation.Apart)]
    public void A_glob_knows_which_directories_may_lead_to_it(string glob, string directory, GlobRelation relation) => new PathGlob(glob).Relate(directory).ShouldBe(relation);

    [Fact]
    public void Deps_outside_of_the_project_are_watched_and_read()
    {
        FakeFileTree files = Shop.With("api").Local("gen", "command: x, deps: [../proto/a, api/src]").Files().Write("../proto/a", "1");
        ResolvedProject project = FakeWork.Load(files).Value!;
        LocalInputs inputs = project.Resources.Single().Local!.Inputs;
        project.WatchRoots().ShouldBe(["/project", "/proto"]);
        inputs.Reads("/proto/a", null).ShouldBeTrue();
        inputs.Reads("/proto/b", null).ShouldBeFalse();
        inputs.Reads("api/src/main.txt", null).ShouldBeTrue();
        inputs.Reads("api/.git/index", null).ShouldBeFalse();
        inputs.Judge("usr", Devloop.Model.EntryKind.Directory).ShouldBe(InputVerdict.Prune);
    }

    [Fact]
    public void A_circle_of_commands_and_images_is_told_as_a_way()
    {
        Shop circle = Shop.With("api").Running("web", ["api"]).Local("gen", "command: x, produces: [api/src/gen], deps: [out]").Local("dump", "command: x, depends_on: [web], produces: [out]");
        ImmutableArray<Diagnostic> problems = FakeWork.Load(circle.Files()).Diagnostics;
        problems.Single(p => p.Code == DiagnosticCode.ResourceCycle).Message
            .ShouldBe("these wait for one another: resource `web` → image `api` → local command `gen` → local command `dump` → resource `web`");
    }
}
