using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Session;

/// <summary>What went wrong with a local command, in the user's words. Its environment is in none of them.</summary>
internal static class LocalProblem
{
    /// <summary>What a shell says for a program that it does not find, and for one that it may not run.</summary>
    private const int NotFound = 127, NotAllowed = 126;

    /// <param name="lines">What it wrote last.</param>
    public static Diagnostic Failed(LocalCommand local, int code, ImmutableArray<string> lines) =>
        Diagnostic.Error(DiagnosticCode.LocalFailed, $"local command `{local.Name}` failed: exit code {code}") with
        {
            At = local.At,
            Label = $"ran `{local.Command}`",
            Notes = [.. lines.Select(l => "│ " + l)],
            Help = code switch
            {
                NotFound => "a program that it names is not on the PATH, or not in its directory",
                NotAllowed => "a program that it names may not be run",
                _ => local.Deps.IsEmpty ? "it runs again when the config changes" : "it runs again when one of its `deps` changes",
            },
        };

    public static Diagnostic NotStarted(LocalCommand local, string reason) => Diagnostic.Error(DiagnosticCode.LocalNotStarted, $"local command `{local.Name}` cannot be started: {reason}") with
    {
        At = local.At,
        Help = "the program is on the PATH and the directory exists",
    };

    /// <param name="path">Relative to the project where it is below it.</param>
    public static Diagnostic Unreadable(LocalCommand local, string path, string reason) => Diagnostic.Error(DiagnosticCode.LocalUnreadable, $"`{path}`, which local command `{local.Name}` reads, cannot be read: {reason}") with
    {
        At = local.At,
        Help = "its permissions let it be read, or `ignore` leaves it out",
    };

    /// <param name="why">Such as <c>exit code 1</c>.</param>
    public static Diagnostic Teardown(LocalCommand local, string why, ImmutableArray<string> lines) => Diagnostic.Error(DiagnosticCode.TeardownFailed, $"`teardown` of local command `{local.Name}` failed: {why}") with
    {
        At = local.At,
        Label = $"ran `{local.Teardown}`",
        Notes = [.. lines.Select(l => "│ " + l)],
        Help = "the rest was taken down all the same; `devloop down` tries again",
    };
}
