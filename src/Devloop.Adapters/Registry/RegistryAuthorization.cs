using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Devloop.Adapters.ClientConfig;

namespace Devloop.Adapters.Registry;

/// <summary>
/// Answers what a registry asks of who wants in: Basic with the user's login, or Bearer with a token that its token server gives for it.
/// Tokens are kept until shortly before they expire.
/// </summary>
/// <param name="mayBeInsecure">Whether a login may travel in the clear.</param>
internal sealed class RegistryAuthorization(
    string domain, RegistryCredentials credentials, bool mayBeInsecure, Func<HttpRequestMessage, CancellationToken, Task<RegistryReply>> send, TimeProvider clock)
{
    /// <summary>The specification's default.</summary>
    private static readonly TimeSpan UsualLife = TimeSpan.FromSeconds(60);

    /// <summary>A token is renewed so long before its end, for clocks differ and requests take time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    /// <summary>By scope; that of Basic is empty, for a login is good for everything.</summary>
    private readonly ConcurrentDictionary<string, (AuthenticationHeaderValue Header, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);

    /// <summary>What is known to be accepted; null is nothing yet.</summary>
    public AuthenticationHeaderValue? HeaderFor(string scope) =>
        (_known.TryGetValue(scope, out var found) || _known.TryGetValue("", out found)) && found.Until > clock.GetUtcNow() ? found.Header : null;

    /// <summary>A header that answers a refusal, or null when there is nothing to answer with.</summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(IReadOnlyList<AuthChallenge> challenges, string scope, CancellationToken cancellationToken)
    {
        RegistryLogin? login = await credentials.FindAsync(domain, cancellationToken).ConfigureAwait(false);
        if (challenges.FirstOrDefault(c => c.Scheme == "bearer") is { } bearer)
            return await FetchAsync(bearer, login, scope, cancellationToken).ConfigureAwait(false);
        if (login is not { IsIdentityToken: false } || !challenges.Any(c => c.Scheme == "basic"))
            return null;
        AuthenticationHeaderValue header = Basic(login);
        _known[""] = (header, DateTimeOffset.MaxValue);
        return header;
    }

    private async Task<AuthenticationHeaderValue?> FetchAsync(AuthChallenge challenge, RegistryLogin? login, string scope, CancellationToken cancellationToken)
    {
        if (!challenge.Parameters.TryGetValue("realm", out string? realm) || !Uri.TryCreate(realm, UriKind.Absolute, out Uri? server)
            || (server.Scheme != Uri.UriSchemeHttps && !(server.Scheme == Uri.UriSchemeHttp && mayBeInsecure)))
        {
            return null;
        }
        var asked = new Dictionary<string, string>(StringComparer.Ordinal) { ["scope"] = scope };
        if (challenge.Parameters.TryGetValue("service", out string? service))
            asked["service"] = service;
        RegistryReply reply = await send(RequestOf(server, login, asked), cancellationToken).ConfigureAwait(false);
        if (reply.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.NotFound)
            return null;
        if (reply.Status != HttpStatusCode.OK || Token(reply.Body) is not { Value: { } value } token)
            throw RegistryTrouble.NoToken(domain, server.Host, reply.Status);
        var header = new AuthenticationHeaderValue("Bearer", value);
        TimeSpan life = token.ExpiresIn is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : UsualLife;
        _known[scope] = (header, clock.GetUtcNow() + life - Margin);
        return header;
    }

    /// <summary>An identity token is traded by POST, as OAuth 2 has it; user and password go with a GET, which every token server knows.</summary>
    private static HttpRequestMessage RequestOf(Uri server, RegistryLogin? login, Dictionary<string, string> asked)
    {
        if (login is { IsIdentityToken: true })
        {
            asked["grant_type"] = "refresh_token";
            asked["client_id"] = "devloop";
            asked["refresh_token"] = login.Secret;
            return new HttpRequestMessage(HttpMethod.Post, server) { Content = new FormUrlEncodedContent(asked) };
        }
        if (login is not null)
            asked["account"] = login.User;
        string query = string.Join('&', asked.Select(a => $"{a.Key}={Uri.EscapeDataString(a.Value)}"));
        var address = new UriBuilder(server) { Query = server.Query.Length > 1 ? server.Query[1..] + "&" + query : query };
        return new HttpRequestMessage(HttpMethod.Get, address.Uri) { Headers = { Authorization = login is null ? null : Basic(login) } };
    }

    private static AuthenticationHeaderValue Basic(RegistryLogin login) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.User}:{login.Secret}")));

    private static TokenBody? Token(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, TokenJson.Default.TokenBody);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What a token server sends; servers of OAuth 2 call the token by the second name. Never printed.</summary>
internal sealed record TokenBody(
    [property: JsonPropertyName("token")] string? Token,
    [property: JsonPropertyName("access_token")] string? AccessToken,
    [property: JsonPropertyName("expires_in")] double ExpiresIn)
{
    [JsonIgnore]
    public string? Value => Token is { Length: > 0 } ? Token : AccessToken is { Length: > 0 } ? AccessToken : null;

    public override string ToString() => "TokenBody";
}

[JsonSerializable(typeof(TokenBody))]
internal sealed partial class TokenJson : JsonSerializerContext;
