namespace Devloop.Adapters.BuildKit;

/// <summary>
/// The cache of GitHub Actions as the runner tells of it in its environment; the names are those that buildx reads too. Outside of Actions
/// there is none.
/// </summary>
/// <param name="Url">Of the first version of the service; empty when there is none.</param>
/// <param name="NewUrl">Of the second version; empty when there is none.</param>
internal sealed record ActionsCache(string Url, string NewUrl, string Token)
{
    public static ActionsCache? Of(Func<string, string?> environment)
    {
        (string url, string newUrl) = (environment("ACTIONS_CACHE_URL") ?? "", environment("ACTIONS_RESULTS_URL") ?? "");
        return environment("ACTIONS_RUNTIME_TOKEN") is { Length: > 0 } token && (url.Length > 0 || newUrl.Length > 0) ? new ActionsCache(url, newUrl, token) : null;
    }

    public void AddTo(IDictionary<string, string> attributes)
    {
        attributes["token"] = Token;
        if (Url.Length > 0)
            attributes["url"] = Url;
        if (NewUrl.Length > 0)
            (attributes["url_v2"], attributes["version"]) = (NewUrl, "2");
    }
}
