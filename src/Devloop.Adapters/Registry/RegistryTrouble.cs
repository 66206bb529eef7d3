using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Registry;

/// <summary>What is wrong with a registry, in the user's words.</summary>
internal static class RegistryTrouble
{
    public static RegistryException Unreachable(string domain, Exception failure, SslPolicyErrors tlsProblem, bool mayBeInsecure)
    {
        // What answers in the clear fails the handshake without being refused; what breaks off is another matter.
        bool isHandshake = failure is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } && InnerOf<SocketException>(failure) is null;
        string? tls = !isHandshake ? null
            : tlsProblem.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "its certificate is for another name"
            : tlsProblem.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? "its certificate is not signed by an authority that this machine trusts"
            : "it does not speak TLS";
        string help = tls is null ? "`registry.host` in devloop.yaml names the registry; it must run and be reachable"
            : tlsProblem != SslPolicyErrors.None || mayBeInsecure ? $"`/etc/docker/certs.d/{domain}/ca.crt` holds an authority that devloop and the engine trust for it"
            : $"`registry: {{insecure: true}}` lets devloop speak HTTP to it; the engine that pushes has a list of its own, `insecure-registries` in its daemon.json";
        return new RegistryException(Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"the registry `{domain}` cannot be reached: {tls ?? Describe(failure)}") with { Help = help }, failure);
    }

    public static RegistryException Refused(ImageReference reference, RegistryReply reply, string verb)
    {
        if (reply.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
            return Odd(reference, $"it answered with HTTP status {(int)reply.Status}{Codes(reply.Body)}");
        string what = reply.Status == HttpStatusCode.Unauthorized ? "wants a login that it accepts" : "does not allow it";
        return new RegistryException(Diagnostic.Error(DiagnosticCode.RegistryAuth, $"`{reference.FamiliarName}` cannot be {(verb switch { "read" => "read", "delete" => "deleted from", _ => "written" })}: the registry `{reference.Domain}` {what}") with
        {
            Help = $"`docker login {reference.Domain}` leaves a login that devloop uses; it must be allowed to {verb} `{reference.Path}`",
        });
    }

    public static RegistryException Odd(ImageReference reference, string why) =>
        new(Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"the registry `{reference.Domain}` cannot be used: {why}") with { Help = "`registry.host` in devloop.yaml names the registry; its own log says more" });

    public static RegistryException NoToken(string domain, string server, HttpStatusCode status) =>
        new(Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"the registry `{domain}` cannot be used: its token server `{server}` gave no token (HTTP status {(int)status})") with { Help = "the token server's own log says more" });

    private static string Describe(Exception failure)
    {
        if (InnerOf<SocketException>(failure) is { } socket)
        {
            return socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "the connection was refused",
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "its host name is not known",
                SocketError.TimedOut => "no answer in time",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "there is no route to it",
                _ => "the connection broke",
            };
        }
        return failure switch
        {
            TimeoutException => "no answer in time",
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "its host name is not known",
            HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy refused the connection",
            _ => "the connection broke",
        };
    }

    private static T? InnerOf<T>(Exception failure) where T : Exception
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is T found)
                return found;
        }
        return null;
    }

    /// <summary>Whether an answer names one of the specification's codes.</summary>
    public static bool HasCode(byte[] body, string code) => Codes(body).Split(", ").Contains(code);

    /// <summary>The codes that the specification names, such as <c>DENIED</c>; the registry's free text is not ours to show.</summary>
    private static string Codes(byte[] body)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(body);
            string[] codes = [.. json.RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("code").GetString() ?? "").Where(c => c.Length is > 0 and < 60)];
            return codes.Length == 0 ? "" : $", {string.Join(", ", codes)}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return "";
        }
    }
}
