using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Session;

public class InputReaderTests
{
    private readonly FakeFileTree _files = new();
    private readonly FakeContextReader _contexts;

    public InputReaderTests()
    {
        _contexts = new FakeContextReader(_files);
        _files.Write("devloop.yaml", "version: 1\nimages:\n  api: {context: api}\n").Write("api/src/a.txt", "a").Write("api/v1/c", "1").Write("api/v2/c", "2");
    }

    [Fact]
    public async Task After_an_edit_only_the_edited_path_is_read()
    {
        Dockerfile("COPY src /src");
        KnownInputs known = await ReadAsync(null);
        _files.Write("api/src/a.txt", "b");
        known = await ReadAsync(known.With(["api/src/a.txt", "elsewhere"]));

        _contexts.Readings.Last().ShouldBe(["src/a.txt", ".git"]);
        known.Reading.Snapshot.Files.Single().Hash.ShouldBe(ContentHash.Of("b"u8));
        known.Changed.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_makes_everything_be_read()
    {
        Dockerfile("COPY current/c /");
        _files.Link("api/current", "v1");
        KnownInputs known = await ReadAsync(null);
        known.Reading.Snapshot.Entries.Select(e => e.Path).ShouldBe(["current", "v1", "v1/c"]);

        _files.Write("api/v1/c", "1b");
        (await ReadAsync(known.With(["api/v1/c"]))).Reading.Filter.ShouldBeSameAs(known.Reading.Filter);
        _contexts.Readings.Last().ShouldNotBeNull();

        _files.Link("api/current", "v2");
        known = await ReadAsync(known.With(["api/current"]));
        _contexts.Readings.Last().ShouldBeNull();
        known.Reading.Snapshot.Entries.Select(e => e.Path).ShouldBe(["current", "v2", "v2/c"]);
    }

    [Fact]
    public async Task A_link_that_no_source_goes_through_is_read_alone()
    {
        Dockerfile("COPY src /");
        KnownInputs known = await ReadAsync(null);
        _files.Link("api/src/link", "../v1");
        await ReadAsync(known.With(["api/src/link"]));

        _contexts.Readings.Last().ShouldBe(["src/link", ".git"]);
    }

    [Fact]
    public async Task What_watchers_leave_out_is_read_at_every_look_where_it_is_an_input()
    {
        Dockerfile("COPY . /");
        _files.Write("api/.git/HEAD", "main").Write("api/src/.git", "gitdir: elsewhere");
        KnownInputs known = await ReadAsync(null);
        _files.Write("api/.git/HEAD", "branch").Write("api/src/.git", "gitdir: there");
        known = await ReadAsync(known);

        known.Reading.Snapshot.Hash.ShouldBe((await ReadAsync(null)).Reading.Snapshot.Hash);
    }

    [Fact]
    public async Task A_context_that_came_anew_with_what_holds_it_is_read_whole()
    {
        Dockerfile("COPY src /src");
        KnownInputs known = await ReadAsync(null);
        _files.Delete("api/src");
        _files.Write("api/src/new", "");

        (await ReadAsync(known.With(["api"]))).Reading.Snapshot.Files.Select(f => f.Path).ShouldBe(["src/new"]);
    }

    [Fact]
    public async Task An_input_that_cannot_be_read_is_named()
    {
        Dockerfile("COPY src /src");
        KnownInputs known = await ReadAsync(null);
        _files.Lock("api/src/a.txt");

        (InputReading? inputs, var unreadable) = await Reader.ReadAsync(Image, known.With(["api/src/a.txt"]), CancellationToken.None);
        inputs.ShouldBeNull();
        unreadable!.Path.ShouldBe("src/a.txt");
    }

    [Fact]
    public async Task What_containers_get_beside_the_inputs_is_read_too_and_kept_up_to_date()
    {
        Dockerfile("COPY src /src");
        Syncs("api/src", "api/v1");
        _files.Write("api/.dockerignore", "**/*.tmp\n").Write("api/v1/x.tmp", "");
        KnownInputs known = await ReadAsync(null);
        known.Reading.Snapshot.Files.Select(f => f.Path).ShouldBe(["src/a.txt"]);
        known.Reading.Synced.ShouldNotBeNull().Snapshot.Files.Select(f => f.Path).ShouldBe(["src/a.txt", "v1/c"]);

        _files.Write("api/v1/c", "1b");
        int before = _contexts.Readings.Count;
        KnownInputs later = await ReadAsync(known.With(["api/v1/c"]));

        _contexts.Readings.Skip(before).ShouldAllBe(r => r != null && r.Value.SequenceEqual(new[] { "v1/c", ".git" }));
        later.Reading.Snapshot.Hash.ShouldBe(known.Reading.Snapshot.Hash);
        later.Reading.Synced.ShouldNotBeNull().Snapshot.Files.Last().Hash.ShouldBe(ContentHash.Of("1b"u8));
    }

    [Fact]
    public async Task Inputs_that_hold_all_that_is_synced_are_read_once()
    {
        Dockerfile("COPY . /app");
        Syncs("api/src");
        (await ReadAsync(null)).Reading.Synced.ShouldBeNull();
        _contexts.Readings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_config_that_syncs_no_more_forgets_what_it_read_for_that()
    {
        Dockerfile("COPY src /src");
        Syncs("api/v1");
        KnownInputs known = await ReadAsync(null);
        _files.Write("devloop.yaml", "version: 1\nimages:\n  api: {context: api}\n");
        (await ReadAsync(known)).Reading.Synced.ShouldBeNull();
    }

    private void Syncs(params string[] sources) =>
        _files.Write("devloop.yaml", "version: 1\nimages:\n  api:\n    context: api\n    live_update:\n" + string.Concat(sources.Select(s => $"      - sync: {{from: {s}, to: /app/{s}}}\n")));

    private InputReader Reader => new(_contexts, _files.Root);

    private ImageDefinition Image => FakeWork.Load(_files).Value.ShouldNotBeNull().Images[0];

    private void Dockerfile(string lines) => _files.Write("api/Dockerfile", "FROM scratch\n" + lines + "\n");

    private async Task<KnownInputs> ReadAsync(KnownInputs? known) =>
        KnownInputs.Of((await Reader.ReadAsync(Image, known, CancellationToken.None)).Inputs.ShouldNotBeNull());
}
