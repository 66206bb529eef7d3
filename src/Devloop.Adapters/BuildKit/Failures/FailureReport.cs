using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Devloop.Adapters.BuildKit.Grpc;
using Devloop.Adapters.BuildKit.Progress;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Adapters.BuildKit.Failures;

/// <summary>Says in devloop's words why a build failed and which lines are to blame.</summary>
internal static partial class FailureReport
{
    private const int LongestReason = 300;

    /// <param name="server">What the builder is called, and how its disk is cleaned.</param>
    public static Diagnostic Of(BuildOrder order, GrpcException error, FailedStep? step, ServerKind server)
    {
        var source = new SourceText(order.DockerfileName, order.DockerfileText);
        var steps = new DockerfileSteps(source);
        string text = step is null ? error.Message : step.Error + "\n" + error.Message;
        bool inStep = step is not null && !step.Name.StartsWith("[internal]", StringComparison.Ordinal) && !step.Name.Contains("] FROM ", StringComparison.Ordinal);
        FailureCause cause = FailureCause.Of(text, inStep);
        SourceSpan? at = Place(steps, source, error, step, text);
        return cause.Code switch
        {
            DiagnosticCode.BuildStepFailed => StepFailed(order, error, step, cause, at),
            DiagnosticCode.BaseNotFound => BaseNotFound(order, text, at),
            DiagnosticCode.RegistryAuth => Diagnostic.Error(cause.Code, $"image `{order.Image}` did not build: the registry refused the login{Of(BaseName(text))}") with
            {
                At = at,
                Label = "this image is not given out",
                Help = "`docker login REGISTRY` leaves a login that devloop uses",
            },
            DiagnosticCode.BuildNetwork => Diagnostic.Error(cause.Code, $"image `{order.Image}` did not build: the network failed{Of(BaseName(text))}") with
            {
                At = at,
                Label = "this needs the network",
                Notes = inStep ? [.. step!.LastLines] : [Reason(error.Message)],
                Help = $"{server.Name} reaches registries with its own network and proxy settings; the next edit tries again",
            },
            DiagnosticCode.BuildNoSpace => Diagnostic.Error(cause.Code, $"image `{order.Image}` did not build: no space is left on the disk of {server.Name}") with
            {
                At = at,
                Label = at is null ? null : "the disk was full here",
                Help = server.SpaceHelp,
            },
            DiagnosticCode.RegistryUnreachable => Diagnostic.Error(cause.Code, $"image `{order.Image}` was built and not pushed: the builder cannot reach the registry `{order.Repository?.Domain}`") with
            {
                Notes = [Reason(error.Message)],
                Help = "`registry.host` names a registry that the builder's machine reaches too; one that speaks HTTP needs `insecure: true`",
            },
            DiagnosticCode.PushFailed => Diagnostic.Error(cause.Code, $"image `{order.Image}` was built and not pushed to `{order.Repository?.Domain}`") with
            {
                Notes = [Reason(error.Message)],
                Help = "the next build of the image pushes it again",
            },
            _ => Diagnostic.Error(DiagnosticCode.BuildRejected, $"image `{order.Image}` did not build: {Reason(error.Message)}") with
            {
                At = at,
                Label = at is null ? null : "refused by the builder",
                Help = "the Dockerfile is refused before any step runs; a fix of the file starts the build again",
            },
        };
    }

    private static Diagnostic StepFailed(BuildOrder order, GrpcException error, FailedStep? step, FailureCause cause, SourceSpan? at)
    {
        string reason = cause.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}") : Reason(step?.Error ?? error.Message);
        ImmutableArray<string> lines = step is null ? [] : [.. step.LastLines];
        bool missing = reason.Contains("not found", StringComparison.Ordinal) && cause.ExitCode is null;
        return Diagnostic.Error(DiagnosticCode.BuildStepFailed, $"image `{order.Image}` did not build: {reason}") with
        {
            At = at,
            Label = "this step failed",
            Notes = lines,
            Help = missing
                ? $"the file is not among the inputs of `{order.Image}`: it is not in the context, or an ignore pattern takes it out"
                : $"save a fix to rebuild only `{order.Image}` and what stands on it",
        };
    }

    private static Diagnostic BaseNotFound(BuildOrder order, string text, SourceSpan? at)
    {
        string? name = BaseName(text);
        bool mayBePrivate = text.Contains("pull access denied", StringComparison.Ordinal);
        return Diagnostic.Error(DiagnosticCode.BaseNotFound, name is null
            ? $"image `{order.Image}` did not build: a base is in no registry" : $"image `{order.Image}` did not build: its base `{name}` was not found") with
        {
            At = at,
            Label = "no such image",
            Help = mayBePrivate
                ? "the name is wrong, or the registry wants a login: `docker login`"
                : "an image of the project is used as a base by the exact name that the config gives it",
        };
    }

    /// <summary>The server's own ranges, else a line that its text names, else the instruction that the failed step is named after.</summary>
    private static SourceSpan? Place(DockerfileSteps steps, SourceText source, GrpcException error, FailedStep? step, string text)
    {
        if (error.Lines is [var first, ..])
            return steps.Line(first.Start);
        if (ErrorLine().Match(text) is { Success: true } match && int.TryParse(match.Groups["line"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int line))
            return steps.Line(line);
        if (step is not null && steps.Find(step.Name) is { } span)
            return span;
        if (BaseName(text) is { } name && steps.Find("[internal] load metadata for " + name) is { } from)
            return from;
        return UnknownInstruction().Match(text) is { Success: true } unknown
            ? Enumerable.Range(1, source.LineCount).Where(l => source.LineText(l).TrimStart().StartsWith(unknown.Groups["word"].Value, StringComparison.OrdinalIgnoreCase))
                .Select(l => source.Line(l)).FirstOrDefault()
            : null;
    }

    /// <summary>The image that an error text is about.</summary>
    private static string? BaseName(string text) => ImageInText().Match(text) is { Success: true } match ? match.Groups["name"].Value : null;

    private static string Of(string? name) => name is null ? "" : $" for `{name}`";

    /// <summary>The server's text without the layers that wrap it, on one line.</summary>
    private static string Reason(string message)
    {
        string text = message.ReplaceLineEndings(" ").Trim();
        while (Wrapping().Match(text) is { Success: true, Length: > 0 } match)
            text = text[match.Length..];
        text = text.TrimEnd('.');
        return text.Length > LongestReason ? text[..LongestReason] + "..." : text;
    }

    [GeneratedRegex(@"\A(?:failed to solve with frontend [\w.\-]+: |failed to solve: |rpc error: code = \w+ desc = |failed to create LLB definition: |failed to compute cache key: |dockerfile parse error (?:on )?line [0-9]+: |Dockerfile parse error (?:on )?line [0-9]+: )")]
    private static partial Regex Wrapping();

    [GeneratedRegex(@"parse error (?:on )?line (?<line>[0-9]{1,7})\b", RegexOptions.IgnoreCase)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"unknown instruction: (?<word>\S+)")]
    private static partial Regex UnknownInstruction();

    [GeneratedRegex(@"(?:load metadata for |resolve source metadata for |failed to resolve image |\A|[\s""])(?<name>[a-z0-9][a-z0-9._\-]*(?::[0-9]+)?(?:/[a-z0-9][a-z0-9._\-]*)+(?::[A-Za-z0-9._\-]+)?(?:@sha256:[0-9a-f]{64})?)(?=: |\s|""|\z)")]
    private static partial Regex ImageInText();
}
