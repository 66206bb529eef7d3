namespace Devloop.Bench;

/// <summary>Asks for a page again and again until it has the content; a new connection each time, as a browser's reload makes after a rollout.</summary>
internal sealed class PageWatch(int port) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(40) };

    /// <summary>When the content was first served.</summary>
    public async Task<DateTime> ServesAsync(string path, string content, TimeSpan patience)
    {
        DateTime limit = DateTime.UtcNow + patience;
        while (DateTime.UtcNow < limit)
        {
            try
            {
                if (await _client.GetStringAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false) == content)
                    return DateTime.UtcNow;
            }
            catch (HttpRequestException)
            {
                // The old pod went, or the page is not there yet.
            }
            await Task.Delay(Pause).ConfigureAwait(false);
        }
        throw new TimeoutException($"{path} was not served in {patience.TotalSeconds} s");
    }

    public void Dispose() => _client.Dispose();
}
