using System.Text.Json.Nodes;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>The events that a devloop told so far, in order; tests wait for the next that matters.</summary>
internal sealed class EventLog
{
    private readonly Lock _lock = new();
    private readonly List<RunEvent> _events = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <summary>How many there are: what comes from here on is new.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _events.Count;
        }
    }

    public IReadOnlyList<RunEvent> All => Since(0);

    public IReadOnlyList<RunEvent> Since(int mark)
    {
        lock (_lock)
            return [.. _events.Skip(mark)];
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _events.Add(new RunEvent(_events.Count, (JsonObject)JsonNode.Parse(line)!));
            Wake();
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Wake();
        }
    }

    /// <summary>The first event from a mark on that is wanted, when it comes; the end of the stream fails the wait.</summary>
    public async Task<RunEvent> FirstAsync(Func<RunEvent, bool> wanted, int from, string what)
    {
        CancellationToken ends = Patience.Ends();
        for (int next = from; ;)
        {
            Task more;
            bool ended;
            lock (_lock)
            {
                for (; next < _events.Count; next++)
                {
                    if (wanted(_events[next]))
                        return _events[next];
                }
                (more, ended) = (_more.Task, _ended);
            }
            if (ended)
                throw new InvalidOperationException($"devloop ended before {what}; it told:\n{Text(from)}");
            try
            {
                await more.WaitAsync(ends);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"no {what} within {Patience.Limit.TotalSeconds} s; devloop told:\n{Text(from)}");
            }
        }
    }

    /// <summary>The last events as told, a line each; for messages of failed tests.</summary>
    public string Text(int from = 0) => string.Join('\n', Since(from).TakeLast(40).Select(e => e.Json.ToJsonString()));

    private void Wake()
    {
        _more.TrySetResult();
        _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>One line of `--output json`.</summary>
/// <param name="Index">Its place among all events of the run.</param>
internal sealed record RunEvent(int Index, JsonObject Json)
{
    public string Type => Text("type")!;

    public string? Image => Text("image");

    public string? Resource => Text("resource");

    public string? Outcome => Text("outcome");

    public string? Text(string field) => (string?)Json[field];

    public bool Is(string type, string? image = null, string? resource = null, string? outcome = null) =>
        Type == type && (image is null || Image == image) && (resource is null || Resource == resource) && (outcome is null || Outcome == outcome);
}
