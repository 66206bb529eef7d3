using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Where the objects of a kind live in the API.</summary>
/// <param name="Plural">Such as <c>deployments</c>.</param>
internal sealed record ApiResource(ObjectKind Kind, string Plural, bool Namespaced)
{
    /// <summary><c>/api/v1</c> for the core group, <c>/apis/GROUP/VERSION</c> for every other.</summary>
    public static string GroupVersionPath(string apiVersion) =>
        apiVersion.Contains('/', StringComparison.Ordinal)
            ? "/apis/" + string.Join('/', apiVersion.Split('/').Select(Uri.EscapeDataString))
            : "/api/" + Uri.EscapeDataString(apiVersion);

    /// <param name="namespace">Null lists every namespace; passed over for kinds without namespaces.</param>
    public string CollectionPath(string? @namespace) =>
        GroupVersionPath(Kind.ApiVersion)
        + (Namespaced && @namespace is not null ? "/namespaces/" + Uri.EscapeDataString(@namespace) : "")
        + "/" + Plural;

    public string ObjectPath(string @namespace, string name) => CollectionPath(@namespace) + "/" + Uri.EscapeDataString(name);
}
