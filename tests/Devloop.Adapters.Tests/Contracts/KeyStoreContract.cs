using System.Collections.Concurrent;
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
        Store.Record(Key('a'), Digest('1')).ShouldBe(Digest('1'));
        Store.Record(Key('b'), Digest('2')).ShouldBe(Digest('2'));

        Store.Find(Key('a')).ShouldBe(Digest('1'));
        Store.Find(Key('b')).ShouldBe(Digest('2'));
    }

    [Fact]
    public void The_first_digest_of_a_key_stays_and_later_ones_learn_of_it()
    {
        Store.Record(Key('a'), Digest('1'));

        Store.Record(Key('a'), Digest('2')).ShouldBe(Digest('1'));
        Store.Find(Key('a')).ShouldBe(Digest('1'));
    }

    [Fact]
    public void A_digest_that_is_known_to_be_lost_gives_way_and_no_other()
    {
        Store.Record(Key('a'), Digest('1'));

        Store.Record(Key('a'), Digest('2'), replaces: Digest('3')).ShouldBe(Digest('1'));
        Store.Record(Key('a'), Digest('2'), replaces: Digest('1')).ShouldBe(Digest('2'));
        Store.Record(Key('a'), Digest('3'), replaces: Digest('1')).ShouldBe(Digest('2'));
        Store.Find(Key('a')).ShouldBe(Digest('2'));
    }

    [Fact]
    public async Task Of_many_who_record_one_key_at_once_all_get_the_same_digest()
    {
        for (char key = '0'; key <= '9'; key++)
        {
            var got = new ConcurrentBag<ImageDigest>();
            await Parallel.ForEachAsync(Enumerable.Range(0, 50), (i, _) =>
            {
                got.Add(Store.Record(Key(key), Digest("0123456789abcdef"[i % 16])));
                return ValueTask.CompletedTask;
            });
            got.Distinct().ShouldHaveSingleItem().ShouldBe(Store.Find(Key(key))!.Value);
        }
    }

    [Fact]
    public async Task Of_many_who_replace_one_lost_digest_at_once_all_get_the_same_one()
    {
        for (char key = '0'; key <= '9'; key++)
        {
            Store.Record(Key(key), Digest('f'));
            var got = new ConcurrentBag<ImageDigest>();
            await Parallel.ForEachAsync(Enumerable.Range(0, 50), (i, _) =>
            {
                got.Add(Store.Record(Key(key), Digest("0123456789"[i % 10]), replaces: Digest('f')));
                return ValueTask.CompletedTask;
            });
            got.Distinct().ShouldHaveSingleItem().ShouldBe(Store.Find(Key(key))!.Value);
        }
    }
}
