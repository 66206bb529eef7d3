using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.ClientConfig;

/// <summary>
/// Finds the engine that the docker client would use: <c>DOCKER_HOST</c>, else the context named by <c>DOCKER_CONTEXT</c> or by
/// <c>currentContext</c> in config.json, else the system's own socket.
/// </summary>
public static class EngineLocator
{
    private const string TlsHelp = "an engine in the clear on loopback, or a unix socket, can be named with `DOCKER_HOST`";

    /// <param name="environment">Looks a variable up; null or empty when it is not set.</param>
    public static EngineAddress Locate(DockerConfigFile config, Func<string, string?> environment)
    {
        if (environment("DOCKER_HOST") is { Length: > 0 } host)
        {
            EngineAddress address = EngineAddress.Parse(host);
            return address is EngineAddress.Tcp && environment("DOCKER_TLS_VERIFY") is { Length: > 0 }
                ? new EngineAddress.Unsupported(host, "devloop does not speak TLS to engines", TlsHelp) : address;
        }
        string? context = environment("DOCKER_CONTEXT") is { Length: > 0 } named ? named : CurrentContext(config);
        return context is null or "default" ? EngineAddress.Default : OfContext(config, context);
    }

    private static string? CurrentContext(DockerConfigFile config)
    {
        using JsonDocument? json = config.Read();
        return json is null ? null : DockerConfigFile.Text(json.RootElement, "currentContext");
    }

    /// <summary>A context's settings lie in a directory named by the SHA-256 of the context's name.</summary>
    private static EngineAddress OfContext(DockerConfigFile config, string context)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context)));
        using JsonDocument? meta = DockerConfigFile.ReadJson(Path.Combine(config.Directory, "contexts", "meta", id, "meta.json"));
        if (meta is null
            || DockerConfigFile.Object(meta.RootElement, "Endpoints") is not { } endpoints
            || DockerConfigFile.Object(endpoints, "docker") is not { } docker
            || DockerConfigFile.Text(docker, "Host") is not { } host)
        {
            return new EngineAddress.Unsupported(context, "docker has no such context", "`docker context ls` lists the contexts, `docker context use NAME` chooses one");
        }
        bool tls = Directory.Exists(Path.Combine(config.Directory, "contexts", "tls", id, "docker"));
        EngineAddress address = EngineAddress.Parse(host);
        return address is EngineAddress.Tcp && tls
            ? new EngineAddress.Unsupported(host, "devloop does not speak TLS to engines", TlsHelp) : address;
    }
}
