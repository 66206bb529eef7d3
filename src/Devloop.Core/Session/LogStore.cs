using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Devloop.Model;

namespace Devloop.Session;

/// <summary>One line that a build or a container wrote.</summary>
/// <param name="Number">Counts the lines of a run, from 1.</param>
/// <param name="At">When it came.</param>
/// <param name="Image">Whose build wrote it; null when a container did.</param>
/// <param name="Resource">Whose container wrote it; null when a build did.</param>
public sealed record StoredLine(long Number, DateTimeOffset At, ImageName? Image, ResourceName? Resource, string Pod, string Container, string Text)
{
    /// <summary>About what the line takes in memory, in bytes.</summary>
    internal int Size => 120 + (2 * Text.Length);

    internal string Source => Image is { } image ? "image " + image.Value : "resource " + Resource?.Value;
}

/// <summary>Which lines somebody wants.</summary>
public sealed record LogQuery
{
    /// <summary>Builds of these; with <see cref="Resources"/> both empty is all.</summary>
    public ImmutableArray<ImageName> Images { get; init; } = [];

    public ImmutableArray<ResourceName> Resources { get; init; } = [];

    /// <summary>Only what builds wrote.</summary>
    public bool BuildsOnly { get; init; }

    /// <summary>Not what came before.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most so many of the lines that are there already, the newest; at least 0, null is all.</summary>
    public int? Tail { get; init; }

    /// <summary>Go on with what comes.</summary>
    public bool Follow { get; init; }

    internal bool Takes(StoredLine line) =>
        (Since is not { } since || line.At >= since)
        && (line.Image is not null || !BuildsOnly)
        && ((Images.IsEmpty && Resources.IsEmpty) || (line.Image is { } image ? Images.Contains(image) : Resources.Contains(line.Resource!.Value)));
}

/// <summary>
/// What builds and containers wrote since a run began, in memory. Bounded: when it is full, the oldest lines of the source that takes most
/// go first, so that a noisy container does not push out what the others said.
/// </summary>
public sealed class LogStore(TimeProvider clock, long limit = LogStore.UsualLimit)
{
    /// <summary>10 MiB.</summary>
    public const long UsualLimit = 10 << 20;

    /// <summary>A reader that is so many lines late loses the oldest of them, and never holds a run back.</summary>
    private const int MostLate = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);
    private readonly List<Channel<StoredLine>> _readers = [];
    private long _number;
    private long _size;
    private bool _ended;

    public void AddBuild(ImageName image, string text) => Add(number => new StoredLine(number, clock.GetUtcNow(), image, null, "", "", text));

    public void AddContainer(ResourceName resource, string pod, string container, string text) =>
        Add(number => new StoredLine(number, clock.GetUtcNow(), null, resource, pod, container, text));

    /// <summary>Ends every reader after what it has still to see.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            foreach (Channel<StoredLine> reader in _readers)
                reader.Writer.TryComplete();
        }
    }

    /// <summary>The lines that are there, oldest first, and then those that come when they are asked for.</summary>
    public async IAsyncEnumerable<StoredLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Channel<StoredLine>? coming = null;
        StoredLine[] there;
        lock (_lock)
        {
            there = [.. _sources.Values.SelectMany(s => s.Lines).Where(query.Takes).OrderBy(l => l.Number)];
            if (query.Follow && !_ended)
            {
                coming = Channel.CreateBounded<StoredLine>(new BoundedChannelOptions(MostLate) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
                _readers.Add(coming);
            }
        }
        try
        {
            foreach (StoredLine line in query.Tail is { } tail ? there.TakeLast(tail) : there)
                yield return line;
            if (coming is null)
                yield break;
            await foreach (StoredLine line in coming.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (query.Takes(line))
                    yield return line;
            }
        }
        finally
        {
            if (coming is not null)
            {
                lock (_lock)
                    _readers.Remove(coming);
            }
        }
    }

    private void Add(Func<long, StoredLine> make)
    {
        lock (_lock)
        {
            StoredLine line = make(++_number);
            if (!_sources.TryGetValue(line.Source, out Source? source))
                _sources[line.Source] = source = new Source();
            source.Lines.Enqueue(line);
            source.Size += line.Size;
            _size += line.Size;
            while (_size > limit)
                DropOne();
            foreach (Channel<StoredLine> reader in _readers)
                reader.Writer.TryWrite(line);
        }
    }

    private void DropOne()
    {
        Source noisiest = _sources.Values.MaxBy(s => s.Size)!;
        int size = noisiest.Lines.Dequeue().Size;
        noisiest.Size -= size;
        _size -= size;
    }

    private sealed class Source
    {
        public Queue<StoredLine> Lines { get; } = [];

        public long Size { get; set; }
    }
}
