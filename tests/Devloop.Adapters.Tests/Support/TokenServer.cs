using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A token server of a test's own, such as stands beside a registry: gives tokens to one user, or for one refresh token.</summary>
public sealed class TokenServer : IAsyncDisposable
{
    public const string Service = "devloop-test-registry", Issuer = "devloop-test-tokens", User = "me", Password = "open sesame", RefreshToken = "refresh";

    private readonly HttpListener _listener = new();
    private readonly TestAuthority _authority;
    private readonly TimeSpan _life;
    private readonly Task _serving;

    /// <param name="life">How long a token is good for.</param>
    public TokenServer(TestAuthority authority, TimeSpan life)
    {
        (_authority, _life) = (authority, life);
        Port = OwnRegistry.FreePort();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port { get; }

    /// <summary>What was asked for: method and scope, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
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
            byte[] answer = Answer(call);
            call.Response.Close(answer, willBlock: false);
        }
    }

    private byte[] Answer(HttpListenerContext call)
    {
        using var body = new StreamReader(call.Request.InputStream);
        var form = HttpUtility.ParseQueryString(body.ReadToEnd());
        bool isPost = call.Request.HttpMethod == "POST";
        string scope = (isPost ? form["scope"] : call.Request.QueryString["scope"]) ?? "";
        Asked.Enqueue($"{call.Request.HttpMethod} {scope}");
        string login = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        bool isKnown = isPost
            ? form["grant_type"] == "refresh_token" && form["refresh_token"] == RefreshToken && form["service"] == Service
            : call.Request.Headers["Authorization"] == login && call.Request.QueryString["service"] == Service;
        if (!isKnown)
        {
            call.Response.StatusCode = 401;
            return Encoding.UTF8.GetBytes("""{"details":"incorrect username or password"}""");
        }
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string[] parts = scope.Split(':');
        string token = _authority.SignToken(JsonSerializer.Serialize(new
        {
            iss = Issuer,
            sub = User,
            aud = Service,
            exp = now + 600,
            nbf = now - 60,
            iat = now,
            jti = Guid.NewGuid().ToString(),
            access = new[] { new { type = parts[0], name = string.Join(':', parts[1..^1]), actions = parts[^1].Split(',') } },
        }));
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            [isPost ? "access_token" : "token"] = token,
            ["expires_in"] = _life.TotalSeconds,
            ["issued_at"] = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        });
    }
}
