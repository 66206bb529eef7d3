using Devloop.Engine;

namespace Devloop.Web.Tests;

public sealed class BroadcastTests
{
    [Fact]
    public async Task A_slow_watcher_skips_to_the_newest()
    {
        var numbers = new Broadcast<int>(0);
        await using IAsyncEnumerator<int> watch = numbers.WatchAsync(CancellationToken.None).GetAsyncEnumerator();
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.ShouldBe(0);
        for (int i = 1; i <= 100; i++)
            numbers.Publish(i);
        (await watch.MoveNextAsync()).ShouldBeTrue();
        watch.Current.ShouldBe(100);
        numbers.End();
        (await watch.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_comes_late_sees_the_last_and_then_the_end()
    {
        var numbers = new Broadcast<int>(1);
        numbers.Publish(2);
        numbers.End();
        numbers.Publish(3);
        var seen = new List<int>();
        await foreach (int number in numbers.WatchAsync(CancellationToken.None))
            seen.Add(number);
        seen.ShouldBe([2]);
        numbers.Latest.ShouldBe(2);
    }
}
