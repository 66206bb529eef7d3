using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class DeclaredRulesTests
{
    private static readonly ImageName Api = new("api");
    private static readonly ImageName Base = new("base");

    [Fact]
    public void A_changed_file_goes_where_its_sync_says_and_nothing_else_does()
    {
        LivePlan.Update update = Update(["sync: {from: api/src, to: /app/src}"], [File("src/a.js", "1"), File("src/b.js", "1")], [File("src/a.js", "22", 0x1ED, 7), File("src/b.js", "1")]);

        update.Entries.ShouldBe([new OverlayEntry.File("/app/src/a.js", "/project/api/src/a.js", 2, ContentHash.Of("22"u8), 0x1ED, 7) { NeverDirectory = true }]);
        update.Moves.ShouldBe([new LiveMove("api/src/a.js", "/app/src/a.js")]);
        update.Paths.ShouldBe([new LivePath(Api, "src/a.js")]);
        update.Restart.ShouldBe(RestartNeed.No);
        update.Runs.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/etc/app.conf", "/etc/app.conf")]
    [InlineData("/etc/", "/etc/dev.conf")]
    [InlineData("/", "/dev.conf")]
    public void A_file_keeps_its_name_below_a_slash(string to, string place) =>
        Told(Update([$"sync: {{from: api/dev.conf, to: {to}}}"], [File("dev.conf", "1")], [File("dev.conf", "2")])).ShouldBe([$"file {place}"]);

    [Theory]
    [InlineData(".", "/", "/src/a.js")]
    [InlineData("api", "/app/", "/app/src/a.js")]
    [InlineData("api/src", "/app", "/app/a.js")]
    public void A_directory_brings_what_is_in_it(string from, string to, string place) =>
        Told(Update([$"sync: {{from: {(from == "." ? "./api" : from)}, to: {to}}}"], [], [File("src/a.js", "1")])).Last().ShouldBe($"file {place}");

    [Fact]
    public void Of_several_syncs_that_hold_a_file_the_first_one_takes_it() =>
        Told(Update(["sync: {from: api/src/gen, to: /gen}", "sync: {from: api/src, to: /app}"], [File("src/a", "1"), File("src/gen/b", "1")], [File("src/a", "2"), File("src/gen/b", "2")]))
            .ShouldBe(["file /app/a", "file /gen/b"]);

    [Fact]
    public void What_goes_is_taken_away_a_directory_with_all_that_is_in_it_and_before_anything_comes() =>
        Told(Update(["sync: {from: api/src, to: /app}"],
            [File("src/old/a", "1"), File("src/old/deep/b", "1"), File("src/one", "1"), File("src/kept", "1")], [File("src/new/a", "1"), File("src/new/deep/b", "1"), File("src/kept", "1")]))
            .ShouldBe(["gone /app/old", "gone /app/one", "directory /app/new 755", "directory /app/new/deep 755", "file /app/new/a", "file /app/new/deep/b"]);

    [Fact]
    public void Links_stay_links_modes_and_empty_directories_are_kept() =>
        Told(Update(["sync: {from: api/src, to: /app}"],
            [File("src/run", "1"), Snapshots.Link("src/current", "v1"), Snapshots.Directory("src/open")],
            [File("src/run", "1", 0x1ED), Snapshots.Link("src/current", "v2"), Snapshots.Directory("src/open", 0x1FF), Snapshots.Directory("src/empty")]))
            .ShouldBe(["directory /app/empty 755", "directory /app/open 777", "link /app/current v2", "file /app/run"]);

    [Fact]
    public void A_file_takes_the_place_of_a_directory_and_the_other_way_round()
    {
        LivePlan.Update update = Update(["sync: {from: api/src, to: /app}"], [File("src/a/x", "1"), File("src/b", "1")], [File("src/a", "1"), File("src/b/x", "1")]);

        Told(update).ShouldBe(["gone /app/a/x", "directory /app/b 755", "file /app/a", "file /app/b/x"]);
        update.Entries.OfType<OverlayEntry.File>().Select(f => f.NeverDirectory).ShouldBe([false, true]);
    }

    [Fact]
    public void The_directory_that_a_sync_fills_is_never_taken_away_and_keeps_its_mode()
    {
        Told(Update(["sync: {from: api/src, to: /app}"], [File("src/a/x", "1"), File("src/b", "1")], [])).ShouldBe(["gone /app/a", "gone /app/b"]);
        Told(Update(["sync: {from: api/src, to: /app}"], [Snapshots.Directory("src")], [Snapshots.Directory("src", 0x1C0)])).ShouldBeEmpty();
        Told(Update(["sync: {from: api/src, to: /app}"], [], [File("src/a", "1")])).ShouldBe(["file /app/a"]);
    }

    [Fact]
    public void What_lies_above_the_target_of_another_sync_goes_piece_by_piece() =>
        Told(Update(["sync: {from: api/src, to: /app}", "sync: {from: api/gen, to: /app/lib/gen}"],
            [File("src/lib/a", "1"), File("src/lib/b/c", "1"), File("gen/x", "1")], [File("src/d", "1"), File("gen/x", "1")]))
            .ShouldBe(["gone /app/lib/a", "gone /app/lib/b", "file /app/d"]);

    [Fact]
    public void What_another_sync_still_brings_stands_there_then()
    {
        string[] steps = ["sync: {from: api/mine, to: /etc/app}", "sync: {from: api/theirs, to: /etc/app}"];
        Told(Update(steps, [File("mine/x", "1"), File("theirs/x", "2")], [File("theirs/x", "2")])).ShouldBe(["file /etc/app/x"]);
        Told(Update(steps, [File("mine/x", "1"), File("theirs/x", "2")], [File("mine/x", "1"), File("theirs/x", "3")])).ShouldBeEmpty();
        Told(Update(steps, [File("mine/x", "1"), File("theirs/x", "2")], [File("mine/x", "1")])).ShouldBeEmpty();
    }

    [Fact]
    public void Files_of_a_bases_context_come_too_and_what_both_contexts_hold_comes_once()
    {
        DeclaredRules rules = Rules(["sync: {from: lib, to: /lib}", "sync: {from: api, to: /app}"], baseContext: "lib");
        LivePlan.Update update = Between(rules, Content(([File("a", "1")], [File("x", "1")])), Content(([File("a", "1")], [File("x", "2")])));
        Told(update).ShouldBe(["file /lib/x"]);
        update.Paths.ShouldBe([new LivePath(Base, "x")]);

        DeclaredRules shared = Rules(["sync: {from: api, to: /app}"], baseContext: "api");
        update = Between(shared, Content(([File("a", "1")], [File("a", "1")])), Content(([File("a", "2")], [File("a", "2")])));
        Told(update).ShouldBe(["file /app/a"]);
        update.Paths.ShouldBe([new LivePath(Api, "a"), new LivePath(Base, "a")]);

        // Gone from one context is not gone while the other one has it.
        Told(Between(shared, Content(([File("a", "1")], [File("a", "1")])), Content(([], [File("a", "1")])))).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_to_fall_back_is_built_whatever_else_changed()
    {
        LiveObstacle why = Obstacle(["sync: {from: api, to: /app}", "fall_back_on: [api/package-lock.json, \"api/**/*.lock\"]"], [File("a", "1")], [File("a", "2"), File("deep/b/x.lock", "1")]);

        why.ShouldBe(new LiveObstacle("api/deep/b/x.lock", "`fall_back_on: api/**/*.lock` names it", "devloop.yaml", why.Line));
        why.Line.ShouldBe(9);
    }

    [Fact]
    public void What_no_sync_takes_is_built()
    {
        Obstacle(["sync: {from: api/src, to: /app}"], [File("src/a", "1")], [File("src/a", "2"), File("go.mod", "1")]).ShouldBe(new LiveObstacle("api/go.mod", "no `sync` of image `api` takes it", "devloop.yaml", 7));
        Obstacle(["sync: {from: api/src, to: /app}"], [Snapshots.Directory("docs")], []).Path.ShouldBe("api/docs");
        // A directory on the way to what is synced is nothing by itself.
        Told(Update(["sync: {from: api/deep/src, to: /app}"], [], [File("deep/src/a", "1")])).ShouldBe(["file /app/a"]);
    }

    [Fact]
    public void Commands_run_in_their_order_when_what_they_name_changed()
    {
        string[] steps = ["sync: {from: api, to: /app}", "run: {command: [npm, install], on: api/package.json}", "run: {command: make gen, on: [\"api/**/*.proto\", api/gen]}", "run: touch /tmp/x"];

        Runs([File("a", "1")]).ShouldBe(["touch /tmp/x"]);
        Runs([File("package.json", "1"), File("v1/x.proto", "1")]).ShouldBe(["npm install", "make gen", "touch /tmp/x"]);
        Runs([File("gen/deep/x", "1")]).ShouldBe(["make gen", "touch /tmp/x"]);
        Update(steps, [File("a", "1")], [File("a", "1")]).ShouldBeSameAs(LivePlan.Update.Nothing);

        string[] Runs(ContextEntry[] now) => [.. Update(steps, [], now).Runs.Select(r => r.ToString())];
    }

    [Theory]
    [InlineData("true", RestartNeed.Yes)]
    [InlineData("auto", RestartNeed.IfUnnoticed)]
    [InlineData("false", RestartNeed.No)]
    public void The_restart_is_as_the_step_says(string step, RestartNeed need) => Update(["sync: {from: api, to: /app}", $"restart: {step}"], [], [File("a", "1")]).Restart.ShouldBe(need);

    [Fact]
    public void What_is_in_doubt_is_given_again_and_what_is_not_to_be_there_taken_away_again()
    {
        DeclaredRules rules = Rules(["sync: {from: api/src, to: /app}"]);
        LiveContent same = Content(([File("src/a", "1"), File("src/b", "1")], []));
        LivePlan.Update update = rules.Between(same, same, [new LivePath(Api, "src/a"), new LivePath(Api, "src/gone")]).ShouldBeOfType<LivePlan.Update>();

        Told(update).ShouldBe(["gone /app/gone", "file /app/a"]);
        update.Entries.OfType<OverlayEntry.File>().Single().NeverDirectory.ShouldBeFalse();
    }

    [Fact]
    public void All_is_all_that_is_synced_and_no_more() =>
        Told(Rules(["sync: {from: api/src, to: /app}", "sync: {from: api/dev.conf, to: /etc/}", "fall_back_on: api/src/a"])
            .All(Content(([File("src/a", "1"), File("src/sub/b", "1"), File("dev.conf", "1"), File("go.mod", "1")], []))).ShouldBeOfType<LivePlan.Update>())
            .ShouldBe(["directory /app/sub 755", "file /app/a", "file /app/sub/b", "file /etc/dev.conf"]);

    [Theory]
    [InlineData("COPY --chown=1000:1001 src /app/", 1000, 1001)]
    [InlineData("COPY --chown=1000 src/a /app/a", 1000, 1000)]
    [InlineData("WORKDIR /app\nCOPY --chown=7:8 src .", 7, 8)]
    [InlineData("COPY --chown=7:8 . /\nCOPY --chown=9:9 src /app", 9, 9)]
    [InlineData("COPY --chown=node:node src /app", null, null)]
    [InlineData("COPY --chown=7:8 src /elsewhere", null, null)]
    [InlineData("COPY src /app", null, null)]
    public void The_owner_is_that_of_the_copy_which_brings_the_same_file_there(string instructions, int? user, int? group)
    {
        DeclaredRules rules = Rules(["sync: {from: api/src, to: /app}"], dockerfile: $"FROM base\n{instructions}\nCOPY . /all\n");
        OverlayEntry entry = Between(rules, Content(([], [])), Content(([File("src/a", "1")], []))).Entries.Single();
        entry.Owner.ShouldBe(user is null ? null : new FileOwner(user.Value, group!.Value));
    }

    [Fact]
    public void A_forecast_needs_no_content()
    {
        DeclaredRules rules = Rules(["sync: {from: api/src, to: /app}", "fall_back_on: api/go.sum", "restart: auto"]);

        rules.Forecast(["api/src/a", "README.md"]).Moves.ShouldBe([new LiveMove("api/src/a", "/app/a")]);
        rules.Forecast(["api/src/a"]).Restart.ShouldBe(RestartNeed.IfUnnoticed);
        rules.Forecast(["api/src/a", "api/go.sum"]).Obstacle.ShouldNotBeNull().Text.ShouldBe("`fall_back_on: api/go.sum` names it");
        rules.Forecast(["api/go.mod"]).Obstacle.ShouldNotBeNull().Text.ShouldBe("no `sync` of image `api` takes it");
        LiveForecast nothing = rules.Forecast(["README.md"]);
        (nothing.Moves.IsEmpty, nothing.Restart, nothing.Obstacle).ShouldBe((true, RestartNeed.No, null));
    }

    [Fact]
    public void A_difference_is_found_without_looking_at_what_is_the_same()
    {
        var shared = new ContextNode.Directory("shared", 0x1ED, 0, [.. Enumerable.Range(0, 1000).Select(n => new ContextNode.File($"{n:0000}", 0x1A4, 0, 1, ContentHash.Of("1"u8)))]);
        LiveContent before = Of([shared]), now = Of([shared, new ContextNode.File("x", 0x1A4, 0, 1, ContentHash.Of("1"u8))]);

        ContentDiff.Between(before, now).Select(d => (d.Path.Path, d.Before is null)).ShouldBe([("x", true)]);
        ContentDiff.Between(now, before).Select(d => (d.Path.Path, d.Now is null)).ShouldBe([("x", true)]);

        static LiveContent Of(ImmutableArray<ContextNode> children) =>
            new(ImmutableSortedDictionary<ImageName, ContextSnapshot>.Empty.Add(Api, new ContextSnapshot("/project/api", new ContextNode.Directory("", 0, 0, children))));
    }

    private static ContextEntry File(string path, string content, int mode = 0x1A4, long modified = 0) => Snapshots.File(path, content, mode, modified);

    private static LivePlan.Update Update(string[] steps, ContextEntry[] before, ContextEntry[] now) => Between(Rules(steps), Content((before, [])), Content((now, [])));

    private static LivePlan.Update Between(DeclaredRules rules, LiveContent before, LiveContent now) => rules.Between(before, now, []).ShouldBeOfType<LivePlan.Update>();

    private static LiveObstacle Obstacle(string[] steps, ContextEntry[] before, ContextEntry[] now) =>
        Rules(steps).Between(Content((before, [])), Content((now, [])), []).ShouldBeOfType<LivePlan.Build>().Why;

    private static LiveContent Content((ContextEntry[] Api, ContextEntry[] Base) files) => new(ImmutableSortedDictionary<ImageName, ContextSnapshot>.Empty
        .Add(Api, Snapshots.Of("/project/api", files.Api)).Add(Base, Snapshots.Of("/project/base", files.Base)));

    private static DeclaredRules Rules(string[] steps, string baseContext = "base", string dockerfile = "FROM base\nCOPY . /app\n")
    {
        FakeFileTree files = new FakeFileTree().Write("api/Dockerfile", dockerfile).Write("Dockerfile.base", "FROM scratch\nCOPY . /lib\n").Write($"{baseContext}/x", "1").Write("api/src/x", "1")
            .Write("devloop.yaml", $"version: 1\nimages:\n  base: {{context: {baseContext}, dockerfile: Dockerfile.base}}\n  api:\n    context: api\n    # live\n    live_update:\n{string.Concat(steps.Select(s => $"      - {s}\n"))}");
        ResolvedProject project = FakeWork.Load(files).Value.ShouldNotBeNull();
        ImageDefinition image = project.Image(Api);
        return DeclaredRules.Of(project, image, image.Target.LiveUpdate.ShouldBeOfType<LiveUpdate.Declared>());
    }

    private static string[] Told(LivePlan.Update update) => [.. update.Entries.Select(e => e switch
    {
        OverlayEntry.Gone => $"gone {e.Path}",
        OverlayEntry.Directory d => $"directory {d.Path} {Convert.ToString(d.Mode, 8)}",
        OverlayEntry.Link l => $"link {l.Path} {l.Target}",
        _ => $"file {e.Path}",
    })];
}
