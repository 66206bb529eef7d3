using System.Globalization;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;

namespace Devloop.Adapters.BuildKit.Failures;

/// <summary>What an error text of BuildKit means. The texts are those of BuildKit 0.8 to 0.32 and of containerd's resolver.</summary>
/// <param name="Code">One of the DL3xxx codes.</param>
/// <param name="ExitCode">Of the command that failed, when one did.</param>
internal sealed partial record FailureCause(string Code, int? ExitCode = null)
{
    private static readonly string[] NoSpace = ["no space left on device", "disk quota exceeded"];
    private static readonly string[] Auth = ["401 Unauthorized", "403 Forbidden", "authentication required", "unauthorized:", "failed to fetch oauth token", "no basic auth credentials"];
    private static readonly string[] NotFound = ["pull access denied", "manifest unknown", "name unknown", "repository does not exist", "404 Not Found"];
    private static readonly string[] Network =
    [
        "dial tcp", "no such host", "i/o timeout", "connection refused", "connection reset", "TLS handshake timeout", "network is unreachable",
        "failure in name resolution", "server misbehaving", "failed to do request", "x509:", "context deadline exceeded",
    ];

    private static readonly string[] PlainHttp = ["server gave HTTP response to HTTPS client"];

    private static readonly string[] Rejected =
    [
        "dockerfile parse error", "failed to create LLB definition", "failed to read dockerfile", "target stage", "unknown instruction", "failed to parse stage name",
        "invalid reference format", "no build stage in current context", "file with no instructions", "unsupported frontend capability", "circular dependency detected", "the Dockerfile cannot be empty",
    ];

    /// <param name="inStep">Whether the text belongs to a step of the Dockerfile and not to loading its bases.</param>
    public static FailureCause Of(string text, bool inStep)
    {
        if (Any(text, NoSpace))
            return new FailureCause(DiagnosticCode.BuildNoSpace);
        if (ExitCodeText().Match(text) is { Success: true } exit)
            return new FailureCause(DiagnosticCode.BuildStepFailed, int.Parse(exit.Groups["code"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture));
        if (text.Contains("failed to push", StringComparison.Ordinal))
            return new FailureCause(Any(text, Auth) ? DiagnosticCode.RegistryAuth : Any(text, Network) || Any(text, PlainHttp) ? DiagnosticCode.RegistryUnreachable : DiagnosticCode.PushFailed);
        // The registry's refusal comes first: Docker Hub answers "pull access denied" for what does not exist.
        bool resolving = text.Contains("failed to resolve", StringComparison.Ordinal) || text.Contains("failed to do request", StringComparison.Ordinal) || !inStep;
        if (resolving && Any(text, NotFound))
            return new FailureCause(DiagnosticCode.BaseNotFound);
        if (resolving && Any(text, Auth))
            return new FailureCause(DiagnosticCode.RegistryAuth);
        if (Any(text, Network))
            return new FailureCause(DiagnosticCode.BuildNetwork);
        if (BaseNotFoundText().IsMatch(text))
            return new FailureCause(DiagnosticCode.BaseNotFound);
        if (Any(text, Rejected))
            return new FailureCause(DiagnosticCode.BuildRejected);
        return new FailureCause(inStep ? DiagnosticCode.BuildStepFailed : DiagnosticCode.BuildRejected);
    }

    private static bool Any(string text, string[] parts) => parts.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(@"exit code: (?<code>[0-9]{1,9})")]
    private static partial Regex ExitCodeText();

    [GeneratedRegex(@"(?:[a-z0-9._\-/:]+[:@][A-Za-z0-9._:\-]+): not found\b|no match for platform")]
    private static partial Regex BaseNotFoundText();
}
