using System.Net;
using System.Net.Sockets;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>What a browser would do.</summary>
internal static class Browser
{
    public static async Task<string> GetAsync(int port, string path)
    {
        // A connection of its own for every request: a browser opened anew, not one that still talks to the pod before.
        using var client = new HttpClient { Timeout = Patience.Limit };
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/{path}"));
    }

    /// <summary>Reloads until the page is there: a process that has just started needs a moment to listen.</summary>
    public static async Task ServesAsync(int port, string page, string path = "index.html")
    {
        CancellationToken ends = Patience.Ends();
        string last = "";
        while (!ends.IsCancellationRequested)
        {
            try
            {
                if ((last = await GetAsync(port, path)) == page)
                    return;
            }
            catch (HttpRequestException e)
            {
                last = e.Message;
            }
            await Task.Delay(20);
        }
        last.ShouldBe(page);
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
