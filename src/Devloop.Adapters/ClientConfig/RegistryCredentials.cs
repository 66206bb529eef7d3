using System.Text;
using System.Text.Json;
using Devloop.Adapters.Processes;

namespace Devloop.Adapters.ClientConfig;

/// <summary>A login at a registry. Never printed: the text form has no secret in it.</summary>
/// <param name="User">Empty when the secret is an identity token.</param>
internal sealed record RegistryLogin(string User, string Secret)
{
    public bool IsIdentityToken => User.Length == 0;

    public override string ToString() => $"RegistryLogin {{ User = {User} }}";
}

/// <summary>
/// The logins that <c>docker login</c> left in config.json: <c>credHelpers</c> for one registry, <c>credsStore</c> for all,
/// else <c>auths</c>. Push and BuildKit's requests both ask here.
/// </summary>
public sealed class RegistryCredentials(DockerConfigFile config)
{
    /// <summary>Docker Hub goes by many names, but its login is filed under this one.</summary>
    internal const string HubKey = "https://index.docker.io/v1/";

    /// <summary>The name by which a credential helper marks a token, docker-credential-helpers' convention.</summary>
    private const string TokenUser = "<token>";

    /// <summary>The login for a registry such as <c>ghcr.io</c> or <c>127.0.0.1:5005</c>; null is anonymous.</summary>
    internal async Task<RegistryLogin?> FindAsync(string host, CancellationToken cancellationToken)
    {
        using JsonDocument? json = config.Read();
        if (json is null)
            return null;
        JsonElement root = json.RootElement;
        string key = host is "registry-1.docker.io" or "docker.io" or "index.docker.io" ? HubKey : host;

        string? helper = DockerConfigFile.Object(root, "credHelpers") is { } helpers ? DockerConfigFile.Text(helpers, key) : null;
        helper ??= DockerConfigFile.Text(root, "credsStore");
        if (helper is not null)
            return await FromHelperAsync(helper, key, cancellationToken).ConfigureAwait(false);
        if (DockerConfigFile.Object(root, "auths") is not { } auths)
            return null;
        JsonElement? entry = DockerConfigFile.Object(auths, key) ?? DockerConfigFile.Object(auths, "https://" + key) ?? DockerConfigFile.Object(auths, "http://" + key);
        return entry is { } found ? FromEntry(found) : null;
    }

    private static RegistryLogin? FromEntry(JsonElement entry)
    {
        if (DockerConfigFile.Text(entry, "identitytoken") is { } token)
            return new RegistryLogin("", token);
        if (DockerConfigFile.Text(entry, "auth") is not { } auth)
            return null;
        byte[] bytes = new byte[auth.Length];
        if (!Convert.TryFromBase64String(auth, bytes, out int length))
            return null;
        string pair = Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0');
        int colon = pair.IndexOf(':');
        return colon < 0 ? null : new RegistryLogin(pair[..colon], pair[(colon + 1)..]);
    }

    /// <summary>A helper is a program <c>docker-credential-NAME</c>: the registry on its input, JSON on its output; exit code 1 is "none".</summary>
    private static async Task<RegistryLogin?> FromHelperAsync(string helper, string key, CancellationToken cancellationToken)
    {
        ToolResult? result = await ToolProcess.RunAsync("docker-credential-" + helper, ["get"], key, cancellationToken).ConfigureAwait(false);
        if (result is not { ExitCode: 0 })
            return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(result.Output);
            string user = DockerConfigFile.Text(json.RootElement, "Username") ?? "";
            return DockerConfigFile.Text(json.RootElement, "Secret") is { } secret
                ? new RegistryLogin(user == TokenUser ? "" : user, secret) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
