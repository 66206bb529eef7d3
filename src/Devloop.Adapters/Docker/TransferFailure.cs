using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Adapters.Docker;

/// <summary>What the engine's text about a failed push or pull means.</summary>
internal static class TransferFailure
{
    private static readonly string[] Auth = ["denied", "unauthorized", "authentication required", "no basic auth credentials", "403 Forbidden", "401 Unauthorized", "insufficient_scope"];
    private static readonly string[] Unreachable = ["dial tcp", "no such host", "i/o timeout", "connection refused", "connection reset", "TLS handshake timeout", "network is unreachable", "failure in name resolution", "server misbehaving"];
    private static readonly string[] PlainHttp = ["server gave HTTP response to HTTPS client"];

    public static Diagnostic OfPush(ImageReference reference, string text) =>
        Known(reference, text, "pushed", "write") ?? Diagnostic.Error(DiagnosticCode.PushFailed, $"`{reference.Familiar}` was not pushed to `{reference.Domain}`") with
        {
            Notes = [OneLine(text)],
            Help = "the next build of the image pushes it again",
        };

    public static Diagnostic OfPull(ImageReference reference, string text) =>
        Known(reference, text, "pulled", "read") ?? Diagnostic.Error(DiagnosticCode.PullFailed, $"`{reference.Familiar}` was not pulled from `{reference.Domain}`") with
        {
            Notes = [OneLine(text)],
            Help = $"`docker pull {reference.Familiar}` says more",
        };

    private static Diagnostic? Known(ImageReference reference, string text, string done, string verb)
    {
        if (Any(text, Auth))
        {
            return Diagnostic.Error(DiagnosticCode.RegistryAuth, $"`{reference.Familiar}` was not {done}: the registry `{reference.Domain}` refused the login") with
            {
                Help = $"`docker login {reference.Domain}` leaves a login that devloop uses; it must be allowed to {verb} `{reference.Path}`",
            };
        }
        if (Any(text, PlainHttp))
        {
            return Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"`{reference.Familiar}` was not {done}: the registry `{reference.Domain}` speaks HTTP, and the engine expects HTTPS") with
            {
                Help = $"`\"insecure-registries\": [\"{reference.Domain}\"]` in the engine's daemon.json allows it; registries on loopback need nothing",
            };
        }
        if (Any(text, Unreachable))
        {
            return Diagnostic.Error(DiagnosticCode.RegistryUnreachable, $"`{reference.Familiar}` was not {done}: the registry `{reference.Domain}` cannot be reached from the engine") with
            {
                Help = "`registry.host` in devloop.yaml names the registry; it must run and be reachable from the machine of the engine",
            };
        }
        return null;
    }

    private static bool Any(string text, string[] parts) => parts.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
