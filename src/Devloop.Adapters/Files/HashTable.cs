using System.Runtime.InteropServices;
using Devloop.Model;

namespace Devloop.Adapters.Files;

/// <summary>Remembered hashes by their keys; no more than a million, and what was of no use for a month goes first.</summary>
internal sealed class HashTable
{
    public const int MostRecords = 1_000_000;
    private const int MostDays = 30;

    private readonly Dictionary<HashKey, (ContentHash Hash, long Day)> _known = [];

    public ContentHash? Find(HashKey key, long today)
    {
        ref (ContentHash Hash, long Day) found = ref CollectionsMarshal.GetValueRefOrNullRef(_known, key);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref found))
            return null;
        found.Day = today;
        return found.Hash;
    }

    /// <summary>A table that is full forgets what was of no use today; when all was, it takes nothing more.</summary>
    public void Add(HashRecord record)
    {
        if (_known.Count >= MostRecords)
            Keep(record.Day);
        if (_known.Count < MostRecords)
            _known[record.Key] = (record.Hash, record.Day);
    }

    /// <summary>What is known already stays.</summary>
    public void AddAll(ReadOnlySpan<HashRecord> records)
    {
        _known.EnsureCapacity(Math.Min(MostRecords, _known.Count + records.Length));
        foreach (HashRecord record in records)
        {
            if (_known.Count < MostRecords)
                _known.TryAdd(record.Key, (record.Hash, record.Day));
        }
    }

    /// <summary>Those that were of use within a month of the newest.</summary>
    public HashRecord[] Records()
    {
        if (_known.Count > 0)
            Keep(_known.Values.Max(v => v.Day) - MostDays);
        return [.. _known.Select(k => new HashRecord(k.Key, k.Value.Hash, k.Value.Day))];
    }

    private void Keep(long since)
    {
        foreach ((HashKey key, (ContentHash _, long day)) in _known)
        {
            if (day < since)
                _known.Remove(key);
        }
    }
}
