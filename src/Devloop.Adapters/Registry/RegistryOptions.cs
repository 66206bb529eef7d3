using System.Collections.Immutable;
using System.Net;

namespace Devloop.Adapters.Registry;

/// <summary>How registries are spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Hosts, as references name them, that may be spoken to in the clear; those on loopback always may.</summary>
    public ImmutableHashSet<string> InsecureHosts { get; init; } = [];

    /// <summary>Holds <c>HOST/*.crt</c>, the authorities of a registry beside the system's; where the engine looks too.</summary>
    public string CertificatesDirectory { get; init; } = "/etc/docker/certs.d";

    /// <summary>Whether a host, with or without port and path, is this machine itself.</summary>
    public static bool IsLoopback(string host)
    {
        string name = Uri.TryCreate($"http://{host}/", UriKind.Absolute, out Uri? address) ? address.Host.Trim('[', ']') : "";
        return name == "localhost" || (IPAddress.TryParse(name, out IPAddress? parsed) && IPAddress.IsLoopback(parsed));
    }
}
