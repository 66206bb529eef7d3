using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Planning;

/// <summary>
/// The registry that a local cluster says it pulls from: the ConfigMap <c>local-registry-hosting</c> in <c>kube-public</c>, as Kubernetes'
/// enhancement proposal 1755 has it.
/// </summary>
/// <param name="Delivery">Null when the cluster names no registry that this machine can push to.</param>
/// <param name="Help">Where the cluster's makers say how to set a registry up.</param>
public sealed record HostedRegistry(Delivery.Registry? Delivery, string? Help)
{
    private const string Key = "localRegistryHosting.v1";

    public static ObjectReference Place { get; } = new(new ObjectKind("v1", "ConfigMap"), "kube-public", "local-registry-hosting");

    private static HostedRegistry None { get; } = new(null, null);

    /// <summary>What a cluster says. One that does not let us read it says nothing; what cannot be understood comes as a warning.</summary>
    public static async Task<Parsed<HostedRegistry>> FindAsync(ICluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.GetAsync(Place, cancellationToken).ConfigureAwait(false) is { } configMap ? Read(configMap) : new Parsed<HostedRegistry>(None, []);
        }
        catch (ClusterException)
        {
            return new Parsed<HostedRegistry>(None, []);
        }
    }

    public static Parsed<HostedRegistry> Read(JsonObject configMap)
    {
        if (configMap["data"] is not JsonObject data || data[Key] is not JsonValue value || !value.TryGetValue(out string? text))
            return Odd($"it has no key `{Key}`");
        Parsed<YamlStream> yaml = YamlReader.Read(new SourceText(Key, text), DiagnosticCode.RegistryHosting);
        if (yaml.HasErrors)
            return Odd($"`{Key}` is no YAML: {yaml.Diagnostics.First(d => d.Severity == Severity.Error).Message}");
        if (yaml.Value is not { Documents: [{ Root: YamlMapping fields }] })
            return Odd($"`{Key}` is no mapping");
        // Fields that a later version adds are none of ours.
        foreach (string name in new[] { "host", "hostFromContainerRuntime", "help" })
        {
            if (Field(fields, name) is not null and not YamlScalar)
                return Odd($"`{name}` is no text");
        }
        string? host = TextOf(fields, "host"), fromNodes = TextOf(fields, "hostFromContainerRuntime"), help = TextOf(fields, "help");
        if (host is null)
            return fromNodes is null ? new Parsed<HostedRegistry>(new HostedRegistry(null, help), []) : Odd("`hostFromContainerRuntime` says where nodes pull, and no `host` where to push");
        foreach ((string name, string named) in new[] { ("host", host), ("hostFromContainerRuntime", fromNodes ?? host) })
        {
            if (!IsHost(named))
                return Odd($"`{name}` is `{named}`, which is no host with a port");
        }
        return new Parsed<HostedRegistry>(new HostedRegistry(new Delivery.Registry(host, fromNodes ?? host), help), []);
    }

    private static YamlNode? Field(YamlMapping fields, string name) => fields.Entries.FirstOrDefault(e => e.Key.Value == name)?.Value;

    private static string? TextOf(YamlMapping fields, string name) =>
        Field(fields, name) is YamlScalar { IsNull: false, Value: var text } && text.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    /// <summary>What stands before the first slash of an image's name, and counts as a registry there.</summary>
    private static bool IsHost(string text) =>
        !text.Contains('/', StringComparison.Ordinal) && ImageReference.TryParse(text + "/image:tag", out ImageReference? reference) && reference.Domain == text;

    private static Parsed<HostedRegistry> Odd(string why) => new(None,
    [
        Diagnostic.Warning(DiagnosticCode.RegistryHosting, $"the cluster names a registry in a way that cannot be understood: {why}") with
        {
            Notes = [$"ConfigMap `{Place.Name}` in namespace `{Place.Namespace}`"],
            Help = "`registry: {host: \"HOST:PORT\"}` in the config names one whatever the cluster says",
        },
    ]);
}
