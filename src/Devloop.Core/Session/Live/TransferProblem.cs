using System.Collections.Immutable;
using System.Globalization;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>What keeps a container from being changed, in the user's words.</summary>
internal static class TransferProblem
{
    /// <summary>What a shell says for a program that it does not find, and for one that it may not run.</summary>
    private const int NotFound = 127, NotAllowed = 126;

    /// <param name="path">Null when all of it is.</param>
    public static Diagnostic ReadOnly(ContainerPlace place, string? path) =>
        Diagnostic.Error(DiagnosticCode.ContainerReadOnly, $"{Of(place)} has a read-only file system{At(path)}") with
        {
            Help = "`readOnlyRootFilesystem: false` in the manifests of the inner loop lets its files be changed",
        };

    /// <param name="user">Null when it is not known.</param>
    public static Diagnostic NotPermitted(ContainerPlace place, string? path, long? user) =>
        Diagnostic.Error(DiagnosticCode.ContainerNotPermitted, $"{(user is { } id ? string.Create(CultureInfo.InvariantCulture, $"user {id}") : "the user")} of {Of(place)} may not change {Quoted(path)}") with
        {
            Help = "`COPY --chown` in the Dockerfile gives the files to the user that runs, or `runAsUser: 0` in the manifests of the inner loop runs as root",
        };

    public static Diagnostic NoSpace(ContainerPlace place, string? path) =>
        Diagnostic.Error(DiagnosticCode.ContainerNoSpace, $"{Of(place)} has no space left{At(path)}") with
        {
            Help = "the node's disk, or the volume that is mounted there, needs some",
        };

    public static Diagnostic NoTransport(ContainerPlace place) =>
        Diagnostic.Error(DiagnosticCode.ContainerNoTransport, $"nothing in {Of(place)} can take files: it has neither devloop's helper nor a shell with `head`, `tar` and `rm`") with
        {
            Help = "a pod that `devloop up` deployed has the helper; deploy it anew, or put a shell and `tar` into the image",
        };

    public static Diagnostic NoSupervisor(ContainerPlace place) =>
        Diagnostic.Error(DiagnosticCode.ContainerNoSupervisor, $"the process of {Of(place)} cannot be started again in place: no supervisor of devloop runs it") with
        {
            Help = "a pod that `devloop up` deployed has one; deploy it anew, or set `restart: never` where the process sees changes by itself",
        };

    public static Diagnostic NotRestarted(ContainerPlace place, string text) =>
        Diagnostic.Error(DiagnosticCode.TransferBroken, $"the process of {Of(place)} was not started again: {text}") with
        {
            Help = "the container's log says what its program said",
        };

    public static Diagnostic Surprise(ContainerPlace place, string path) =>
        Diagnostic.Error(DiagnosticCode.ContainerSurprise, $"{Of(place)} has a directory where a file is to stand, at `{path}`") with
        {
            Help = "a slash at the end of the instruction's destination says that it is a directory",
        };

    public static Diagnostic Broken(ContainerPlace place, string text) =>
        Diagnostic.Error(DiagnosticCode.TransferBroken, $"the transfer into {Of(place)} broke: {text}") with
        {
            Help = "it is tried again; when it breaks each time, the cluster's or the engine's log says why",
        };

    public static Diagnostic Rejected(ContainerPlace place, string? path, string text, ImmutableArray<string> lines) =>
        Diagnostic.Error(DiagnosticCode.TransferRejected, $"{Of(place)} does not take {Quoted(path)}: {text}") with
        {
            Notes = Quote(lines),
            Help = "something in the container stands in the way, such as a mounted volume",
        };

    public static Diagnostic Forbidden(ContainerPlace place, string text) =>
        Diagnostic.Error(DiagnosticCode.ExecForbidden, $"files cannot be sent into {Of(place)}: {text}") with
        {
            Help = $"`create` of `pods/exec` in namespace `{place.Namespace}` allows it; `kubectl auth can-i create pods/exec -n {place.Namespace}` tells",
        };

    public static Diagnostic RunFailed(ContainerPlace place, CommandWords command, int code, ImmutableArray<string> lines) =>
        Diagnostic.Error(DiagnosticCode.RunInContainerFailed, $"`{command}` failed in {Of(place)}: exit code {code.ToString(CultureInfo.InvariantCulture)}") with
        {
            Notes = Quote(lines),
            Help = code switch
            {
                NotFound => "a program that it names is not in the container, or not on its PATH",
                NotAllowed => "a program that it names may not be run by the container's user",
                _ => "the next change runs it again",
            },
        };

    public static Diagnostic RunNotStarted(ContainerPlace place, CommandWords command) =>
        Diagnostic.Error(DiagnosticCode.RunInContainerFailed, $"`{command}` cannot be run in {Of(place)}: it has no `{(command.Shell ? ContainerRuns.Shell : command.Words[0])}`") with
        {
            Help = command.Shell ? "a command as a list of words needs no shell" : "the program is in the image and on its PATH, or is named with its path",
        };

    private static string Of(ContainerPlace place) => $"container `{place.Container}` of pod `{place.Pod}`";

    private static string At(string? path) => path is null ? "" : $" at `{path}`";

    private static string Quoted(string? path) => path is null ? "files there" : $"`{path}`";

    private static ImmutableArray<string> Quote(ImmutableArray<string> lines) => [.. lines.Select(l => "│ " + l)];
}
