using Devloop.Model;
using Devloop.Session;
using Devloop.Testing;

namespace Devloop.Core.Tests.Session;

public sealed class LogStoreTests
{
    private static readonly ResourceName Web = new("web");
    private static readonly ResourceName Job = new("job");
    private static readonly ImageName App = new("app");

    private readonly FakeClock _clock = new();
    private readonly LogStore _store;

    public LogStoreTests() => _store = new LogStore(_clock);

    [Fact]
    public async Task Lines_come_in_the_order_they_were_written_whoever_wrote_them()
    {
        _store.AddBuild(App, "step 1");
        _store.AddContainer(Web, "web-1", "main", "listening");
        _store.AddBuild(App, "step 2");
        (await TextsAsync(new LogQuery())).ShouldBe(["step 1", "listening", "step 2"]);
        (await TextsAsync(new LogQuery { Resources = [Web] })).ShouldBe(["listening"]);
        (await TextsAsync(new LogQuery { Resources = [Web], Images = [App], BuildsOnly = true })).ShouldBe(["step 1", "step 2"]);
        (await TextsAsync(new LogQuery { Tail = 1 })).ShouldBe(["step 2"]);
        (await TextsAsync(new LogQuery { Tail = 0 })).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_came_before_a_time_is_left_out()
    {
        _store.AddContainer(Web, "web-1", "main", "early");
        _clock.Advance(TimeSpan.FromMinutes(10));
        _store.AddContainer(Web, "web-1", "main", "late");
        (await TextsAsync(new LogQuery { Since = _clock.GetUtcNow() - TimeSpan.FromMinutes(5) })).ShouldBe(["late"]);
    }

    [Fact]
    public async Task A_noisy_source_pushes_out_its_own_oldest_lines_and_nobody_elses()
    {
        var store = new LogStore(_clock, limit: 20_000);
        store.AddContainer(Job, "job-1", "main", "the one line of the job");
        for (int i = 0; i < 1000; i++)
            store.AddContainer(Web, "web-1", "main", $"{i}");
        string[] texts = await TextsAsync(new LogQuery(), store);
        texts[0].ShouldBe("the one line of the job");
        texts[^1].ShouldBe("999");
        texts.Length.ShouldBeInRange(100, 20_000 / 120);
        texts.Skip(1).ShouldBe(Enumerable.Range(1001 - texts.Length, texts.Length - 1).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Who_follows_sees_each_line_once_and_the_end()
    {
        _store.AddContainer(Web, "web-1", "main", "before");
        await using IAsyncEnumerator<StoredLine> reading = _store.ReadAsync(new LogQuery { Follow = true, Resources = [Web] }, CancellationToken.None).GetAsyncEnumerator();
        (await reading.MoveNextAsync()).ShouldBeTrue();
        reading.Current.Text.ShouldBe("before");
        _store.AddContainer(Job, "job-1", "main", "not asked for");
        _store.AddContainer(Web, "web-1", "main", "after");
        (await reading.MoveNextAsync()).ShouldBeTrue();
        reading.Current.Text.ShouldBe("after");
        _store.End();
        (await reading.MoveNextAsync()).ShouldBeFalse();
        (await TextsAsync(new LogQuery { Follow = true })).Length.ShouldBe(3, "after the end there is nothing to wait for");
    }

    private Task<string[]> TextsAsync(LogQuery query) => TextsAsync(query, _store);

    private static async Task<string[]> TextsAsync(LogQuery query, LogStore store)
    {
        var texts = new List<string>();
        await foreach (StoredLine line in store.ReadAsync(query, CancellationToken.None))
            texts.Add(line.Text);
        return [.. texts];
    }
}
