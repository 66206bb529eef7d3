using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;

namespace Devloop.Adapters.Kubernetes;

/// <summary>What a plugin gave.</summary>
/// <param name="Expires">Null is good for the life of the process.</param>
internal sealed record PluginCredential(string? Token, X509Certificate2? Certificate, DateTimeOffset? Expires);

/// <summary>No credentials could be had; the diagnostic says why, without any secret.</summary>
internal sealed class CredentialException(Diagnostic why) : Exception(why.Message)
{
    public Diagnostic Why { get; } = why;
}

/// <summary>Runs a credential plugin once.</summary>
internal static class ExecPluginRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="CredentialException">The program is missing, failed, took too long or gave no credentials.</exception>
    public static async Task<PluginCredential> RunAsync(ExecPlugin plugin, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using Process process = Start(plugin);
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            string said = await errors.ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw Problem(plugin, $"exited with code {process.ExitCode.ToString(CultureInfo.InvariantCulture)}", said);
            return Read(plugin, await output.ConfigureAwait(false)) ?? throw Problem(plugin, "gave no credentials", said);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Problem(plugin, $"gave no answer within {Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s", "");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ExecPlugin plugin)
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in plugin.Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = plugin.Info();
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            Diagnostic why = Describe(plugin, "cannot be started", "");
            throw new CredentialException(plugin.InstallHint is { Length: > 0 } hint ? why with { Help = hint.Trim() } : why with { Help = $"install `{plugin.Command}`, or correct `exec` in the kubeconfig" });
        }
    }

    private static PluginCredential? Read(ExecPlugin plugin, string output)
    {
        try
        {
            if (JsonNode.Parse(output) is not JsonObject answer || (string?)answer["apiVersion"] != plugin.ApiVersion || answer["status"] is not JsonObject status)
                return null;
            string? token = (string?)status["token"];
            X509Certificate2? certificate = status["clientCertificateData"] is { } pem && status["clientKeyData"] is { } key
                ? CertificatePair.Of((string)pem!, (string)key!)
                : null;
            DateTimeOffset? expires = (string?)status["expirationTimestamp"] is { } at
                ? DateTimeOffset.Parse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
                : null;
            return string.IsNullOrEmpty(token) && certificate is null ? null : new PluginCredential(token, certificate, expires);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static CredentialException Problem(ExecPlugin plugin, string what, string said) => new(Describe(plugin, what, said));

    private static Diagnostic Describe(ExecPlugin plugin, string what, string said)
    {
        ImmutableArray<string> last = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4)];
        return KubeconfigProblem.Of(
            $"the credential plugin `{plugin.Command}` of user `{plugin.User}` in kubeconfig `{plugin.File}` {what}",
            "run `kubectl get nodes` in a terminal to sign in again") with { Notes = last };
    }
}
