using Microsoft.AspNetCore.Http;

namespace Devloop.Web.Access;

/// <summary>
/// Who may talk to the dashboard. Any page in the user's browser can send requests to loopback, so: the Host must be ours, or a foreign
/// name that resolves to loopback would pass (DNS rebinding); the Origin, when there is one, must be ours; and the token must be known.
/// </summary>
internal sealed class AccessGate(AccessToken token, int port)
{
    /// <summary>Cookies do not tell ports apart, so the name does.</summary>
    public string CookieName { get; } = $"devloop-{port}";

    private readonly string[] _hosts = [$"127.0.0.1:{port}", $"localhost:{port}", $"[::1]:{port}"];

    public Verdict Judge(HttpRequest request)
    {
        if (!_hosts.Contains(request.Host.Value, StringComparer.OrdinalIgnoreCase))
            return Verdict.ForeignHost;
        if (request.Headers.Origin is { Count: > 0 } origin && !_hosts.Any(h => string.Equals(origin.ToString(), "http://" + h, StringComparison.OrdinalIgnoreCase)))
            return Verdict.ForeignOrigin;
        if (token.Is(request.Query["token"]))
            return Verdict.TokenInAddress;
        return token.Is(request.Cookies[CookieName]) || token.Is(Bearer(request)) ? Verdict.Known : Verdict.Unknown;
    }

    /// <summary>
    /// Whether a request that passed may change something. Other pages of this machine share the cookie's site, so the cookie counts only
    /// with our own Origin, which browsers send with every POST; a token in an address, which may be kept in a history, never does.
    /// </summary>
    public bool MayChange(HttpRequest request) => token.Is(Bearer(request)) || (token.Is(request.Cookies[CookieName]) && request.Headers.Origin.Count > 0);

    /// <summary>Remembers the token, so that the address bar and the history need not keep it.</summary>
    public void Remember(HttpResponse response) =>
        response.Cookies.Append(CookieName, token.Value, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });

    private static string? Bearer(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : null;
    }
}

internal enum Verdict
{
    Known,

    /// <summary>Known, by the token in the address.</summary>
    TokenInAddress,
    Unknown,
    ForeignHost,
    ForeignOrigin,
}
