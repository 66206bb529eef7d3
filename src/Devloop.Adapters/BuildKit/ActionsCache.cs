namespace Devloop.Adapters.BuildKit;

/// <summary>
/// The cache of GitHub Actions as the runner tells of it in its environment; the names are those that GitHub's own cache library and buildx
/// read too. Outside of Actions there is none.
/// </summary>
/// <param name="Url">What a BuildKit before 0.20 reads, which knows the first version of the service alone; never empty.</param>
/// <param name="NewUrl">Of the second version; null when the runner does not say that it is to be used, as a server of one's own may not.</param>
internal sealed record ActionsCache(string Url, string? NewUrl, string Token)
{
    public static ActionsCache? Of(Func<string, string?> environment)
    {
        string? results = Text("ACTIONS_RESULTS_URL"), newUrl = IsOn(Text("ACTIONS_CACHE_SERVICE_V2")) ? results : null;
        return Text("ACTIONS_RUNTIME_TOKEN") is { } token && (Text("ACTIONS_CACHE_URL") ?? results) is { } url ? new ActionsCache(url, newUrl, token) : null;

        string? Text(string name) => environment(name) is { Length: > 0 } text ? text : null;
    }

    /// <summary>An empty address is an error to BuildKit, so what is not known is left out.</summary>
    public void AddTo(IDictionary<string, string> attributes)
    {
        (attributes["token"], attributes["url"]) = (Token, Url);
        if (NewUrl is not null)
            (attributes["url_v2"], attributes["version"]) = (NewUrl, "2");
    }

    private static bool IsOn(string? text) => text is not (null or "0") && !text.Equals("false", StringComparison.OrdinalIgnoreCase);
}
