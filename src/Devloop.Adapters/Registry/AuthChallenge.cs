using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Devloop.Adapters.Registry;

/// <summary>How a registry wants to be logged in to: one <c>WWW-Authenticate</c> header.</summary>
/// <param name="Scheme">In lower case.</param>
internal sealed partial record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public static AuthChallenge Of(AuthenticationHeaderValue header)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (Match match in Parameter().Matches(header.Parameter ?? ""))
            parameters.TryAdd(match.Groups["name"].Value, match.Groups["quoted"] is { Success: true } quoted ? Escape().Replace(quoted.Value, "$1") : match.Groups["plain"].Value);
        return new AuthChallenge(header.Scheme.ToLowerInvariant(), parameters);
    }

    // RFC 9110, section 11.2: token "=" ( token / quoted-string )
    [GeneratedRegex("""(?<name>[A-Za-z0-9_\-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^\s,"]+))""", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
