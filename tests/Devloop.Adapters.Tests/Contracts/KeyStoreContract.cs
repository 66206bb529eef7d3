using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every key store does.</summary>
public abstract class KeyStoreContract
{
    protected abstract IKeyStore Store { get; }

    protected static ContentKey Key(char digit) => new(new string(digit, 64));

    protected static ImageDigest Digest(char digit) => new("sha256:" + new string(digit, 64));

    [Fact]
    public void A_key_that_was_never_recorded_is_a_miss() => Store.Find(Key('0')).ShouldBeNull();

    [Fact]
    public void A_recorded_key_is_found()
    {
        Store.Record(Key('a'), Digest('1'));
        Store.Record(Key('b'), Digest('2'));

        Store.Find(Key('a')).ShouldBe(Digest('1'));
        Store.Find(Key('b')).ShouldBe(Digest('2'));
    }

    [Fact]
    public void The_last_digest_of_a_key_counts()
    {
        Store.Record(Key('a'), Digest('1'));
        Store.Record(Key('a'), Digest('2'));

        Store.Find(Key('a')).ShouldBe(Digest('2'));
    }

    [Fact]
    public async Task Many_may_write_and_read_one_key_at_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), (i, _) =>
        {
            Store.Record(Key('c'), Digest(i % 2 == 0 ? '1' : '2'));
            Store.Find(Key('c')).ShouldBeOneOf(Digest('1'), Digest('2'));
            return ValueTask.CompletedTask;
        });
    }
}
