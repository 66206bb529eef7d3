using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.Support;

/// <summary>Gives the answers of an engine that is not at hand; anything else is 404.</summary>
public sealed class RecordedEngine : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, (int Status, string Body)> _answers = new(StringComparer.Ordinal);
    private readonly int _port = OwnRegistry.FreePort();
    private readonly Task _serving;

    public RecordedEngine()
    {
        _listener.Prefixes.Add($"http://*:{_port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public EngineDialer Dialer => new(new EngineAddress.Tcp("127.0.0.1", _port));

    /// <summary>What was asked, decoded and without the version.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <param name="call">Such as <c>GET /info</c>; a query that is left out matches any.</param>
    public RecordedEngine Answering(string call, string body, int status = 200)
    {
        _answers[call] = (status, body);
        return this;
    }

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            string path = Uri.UnescapeDataString(call.Request.RawUrl!);
            if (path == "/_ping")
            {
                call.Response.Headers["Api-Version"] = "1.52";
                call.Response.Close();
                continue;
            }
            string asked = $"{call.Request.HttpMethod} {path[path.IndexOf('/', 1)..]}";
            Asked.Enqueue(asked);
            (call.Response.StatusCode, string body) = _answers.TryGetValue(asked, out (int, string) exact) ? exact
                : _answers.TryGetValue(asked.Split('?')[0], out (int, string) any) ? any
                : (404, """{"message":"No such image"}""");
            call.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
        }
    }
}
