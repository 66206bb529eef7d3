using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class ContextImagesTests
{
    private static readonly ImageName Shared = new("api.context.shared");

    [Theory]
    [InlineData("COPY --from=shared a.txt /a", "a.txt", "b.txt sub/c.txt hidden.log")]
    [InlineData("COPY --from=shared /sub/ /x", "sub/c.txt", "a.txt")]
    [InlineData("COPY --from=shared *.txt /x", "a.txt b.txt", "sub/c.txt")]
    [InlineData("COPY --from=shared . /x", "a.txt b.txt sub/c.txt", "hidden.log")]
    [InlineData("COPY --from=shared --exclude=b.txt . /x", "a.txt sub/c.txt", "b.txt")]
    [InlineData("RUN --mount=type=bind,from=shared,source=sub,target=/m true", "sub/c.txt", "a.txt")]
    [InlineData("RUN --mount=from=shared,target=/m true", "a.txt b.txt sub/c.txt", "hidden.log")]
    [InlineData("COPY --from=shared a.txt /a\nCOPY --from=shared b.txt /b", "a.txt b.txt", "sub/c.txt")]
    [InlineData("ARG dir=sub\nCOPY --from=shared $dir /x", "sub/c.txt", "a.txt")]
    public void Exactly_what_the_dockerfile_takes_of_the_directory_is_read(string instructions, string read, string unread)
    {
        ImageDefinition files = Load("FROM scratch\n" + instructions + "\n").Image(Shared);

        foreach (string path in read.Split(' '))
            files.Reads("lib/" + path).ShouldNotBeNull(path);
        foreach (string path in unread.Split(' '))
            files.Reads("lib/" + path).ShouldBeNull(path);
    }

    [Fact]
    public void A_stage_on_the_directory_takes_all_of_it() =>
        Load("FROM shared\n").Image(Shared).Reads("lib/sub/c.txt").ShouldBe(new BuildReason.FileChanged("lib/sub/c.txt", 1, "FROM shared"));

    [Fact]
    public void The_reason_is_the_line_that_takes_the_file()
    {
        ImageDefinition files = Load("FROM scratch\n\nCOPY --from=shared a.txt /a\n").Image(Shared);

        files.Reads("lib/a.txt").ShouldBe(new BuildReason.FileChanged("lib/a.txt", 3, "COPY --from=shared a.txt /a"));
        files.Explain("lib/a.txt").ShouldBe(new PathVerdict(Shared, true, "read by `COPY --from=shared a.txt /a`", "Dockerfile", 3));
    }

    [Fact]
    public void The_image_stands_on_the_directory_and_names_what_it_became()
    {
        ResolvedProject project = Load("FROM scratch\nCOPY --from=shared a.txt /a\n");

        project.Graph.Bases(new ImageName("api")).ShouldBe([Shared]);
        BuildOrders.Pin(project.Image(new ImageName("api")), ImmutableDictionary<ImageName, ImageDigest>.Empty.Add(Shared, FakeWork.Digest("x")), ImagePlace.OfEngine).Text
            .ShouldBe($"FROM scratch\nCOPY --from={Shared}:{ContentTag.Of(FakeWork.Digest("x"))} a.txt /a\n");
    }

    [Theory]
    [InlineData("FROM scratch\nCOPY src /src\n")]
    [InlineData("FROM scratch AS shared\nCOPY src /src\nFROM scratch\nCOPY --from=shared /src /x\n")]
    public void A_directory_that_nobody_takes_from_is_no_image(string dockerfile) =>
        Load(dockerfile).Images.Select(i => i.Name.Value).ShouldBe(["api"]);

    [Fact]
    public void Another_source_is_another_identity() =>
        Load("FROM scratch\nCOPY --from=shared a.txt /a\n").Image(Shared).Identity.ShouldNotBe(Load("FROM scratch\nCOPY --from=shared b.txt /a\n").Image(Shared).Identity);

    [Fact]
    public void Names_that_no_repository_may_have_stay_apart()
    {
        FakeFileTree files = Files("FROM scratch\nCOPY --from=Lib:1 a.txt /a\nCOPY --from=lib_1 a.txt /a\n");
        files.Write("devloop.yaml", "version: 1\nimages:\n  api: {contexts: {'Lib:1': lib, lib_1: lib}}\n");

        string[] names = [.. FakeWork.Load(files).Value.ShouldNotBeNull().Images.Select(i => i.Name.Value).Where(n => n != "api")];
        names.Length.ShouldBe(2);
        names.ShouldAllBe(n => n.StartsWith("api.context.lib-1-", StringComparison.Ordinal));
        names.ShouldBeUnique();
    }

    [Fact]
    public async Task An_edit_in_the_directory_builds_the_image_and_one_that_is_not_taken_builds_nothing()
    {
        var world = new LiveWorld(Files("FROM scratch\nCOPY --from=shared a.txt /a\n"));
        await using (LiveRun first = world.Build(memory: null))
            (await first.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Builder.Orders.Select(o => o.Image.Value).ShouldBe([Shared.Value, "api"]);
        world.Builder.Orders[0].Context.Files.Select(f => f.Path).ShouldBe(["a.txt"]);

        world.Files.Write("lib/b.txt", "other");
        await using (LiveRun second = world.Build(memory: null))
            (await second.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Builder.Orders.Length.ShouldBe(2);

        world.Files.Write("lib/a.txt", "other");
        await using (LiveRun third = world.Build(memory: null))
            (await third.OutcomeAsync()).ShouldBe(RunOutcome.Succeeded);
        world.Builder.Orders.Skip(2).Select(o => o.Image.Value).ShouldBe([Shared.Value, "api"]);
    }

    private static FakeFileTree Files(string dockerfile) => new FakeFileTree()
        .Write("devloop.yaml", "version: 1\nimages:\n  api:\n    contexts: {shared: lib}\n")
        .Write("Dockerfile", dockerfile).Write("src/main.txt", "1")
        .Write("lib/a.txt", "a").Write("lib/b.txt", "b").Write("lib/sub/c.txt", "c").Write("lib/hidden.log", "x").Write("lib/.dockerignore", "*.log\n");

    private static ResolvedProject Load(string dockerfile)
    {
        Parsed<ResolvedProject> loaded = FakeWork.Load(Files(dockerfile));
        loaded.Diagnostics.Where(d => d.Severity == Severity.Error).ShouldBeEmpty();
        return loaded.Value.ShouldNotBeNull();
    }
}
