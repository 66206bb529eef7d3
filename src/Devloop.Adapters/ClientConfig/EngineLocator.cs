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
    /// <param name="environment">Looks a variable up; null or empty when it is not set.</param>
    public static EngineAddress Locate(DockerConfigFile config, Func<string, string?> environment)
    {
        if (environment("DOCKER_HOST") is { Length: > 0 } host)
            return EngineAddress.Parse(host, TlsOfEnvironment(config, environment));
        string? context = environment("DOCKER_CONTEXT") is { Length: > 0 } named ? named : CurrentContext(config);
        return context is null or "default" ? EngineAddress.Default : OfContext(config, context);
    }

    /// <summary>
    /// <c>DOCKER_TLS_VERIFY</c> asks for TLS, <c>DOCKER_TLS</c> for TLS with any server; whatever their value, even 0, as the docker client
    /// has it. The files are in <c>DOCKER_CERT_PATH</c>, else beside config.json; those of the client may be missing.
    /// </summary>
    private static TlsSettings? TlsOfEnvironment(DockerConfigFile config, Func<string, string?> environment)
    {
        bool verifies = environment("DOCKER_TLS_VERIFY") is { Length: > 0 };
        if (!verifies && environment("DOCKER_TLS") is not { Length: > 0 })
            return null;
        string directory = environment("DOCKER_CERT_PATH") is { Length: > 0 } set ? set : config.Directory;
        return FilesIn(directory) with { Authorities = verifies ? Path.Combine(directory, "ca.pem") : null, SkipVerify = !verifies };
    }

    private static TlsSettings FilesIn(string directory)
    {
        string authorities = Path.Combine(directory, "ca.pem"), certificate = Path.Combine(directory, "cert.pem"), key = Path.Combine(directory, "key.pem");
        bool hasCertificate = File.Exists(certificate) || File.Exists(key);
        return new TlsSettings
        {
            Authorities = File.Exists(authorities) ? authorities : null,
            Certificate = hasCertificate ? certificate : null,
            Key = hasCertificate ? key : null,
        };
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
        bool skipsVerify = docker.TryGetProperty("SkipTLSVerify", out JsonElement skip) && skip.ValueKind == JsonValueKind.True;
        string files = Path.Combine(config.Directory, "contexts", "tls", id, "docker");
        return EngineAddress.Parse(host, skipsVerify || Directory.Exists(files) ? FilesIn(files) with { SkipVerify = skipsVerify } : null);
    }
}
