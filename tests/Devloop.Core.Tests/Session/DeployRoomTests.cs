using Devloop.Session;

namespace Devloop.Core.Tests.Session;

public sealed class DeployRoomTests
{
    [Fact]
    public async Task As_many_as_there_are_places_come_in_at_once_and_the_next_when_one_leaves()
    {
        using var room = new DeployRoom();
        var inside = new List<IDisposable>();
        for (int n = 0; n < DeployRoom.Places; n++)
            inside.Add(await room.EnterAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)));
        Task<IDisposable> next = room.EnterAsync(CancellationToken.None);
        next.IsCompleted.ShouldBeFalse();
        inside[0].Dispose();
        (await next.WaitAsync(TimeSpan.FromSeconds(60))).ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_wants_to_be_alone_waits_for_all_and_keeps_all_others_out()
    {
        using var room = new DeployRoom();
        IDisposable first = await room.EnterAsync(CancellationToken.None);
        Task<IDisposable> alone = room.EnterAloneAsync(CancellationToken.None);
        alone.IsCompleted.ShouldBeFalse();
        first.Dispose();
        using (await alone.WaitAsync(TimeSpan.FromSeconds(60)))
            room.EnterAsync(CancellationToken.None).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_gives_up_leaves_no_place_taken()
    {
        using var room = new DeployRoom();
        IDisposable first = await room.EnterAsync(CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Task<IDisposable> alone = room.EnterAloneAsync(stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(alone);
        first.Dispose();
        (await room.EnterAloneAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60))).ShouldNotBeNull();
    }
}
