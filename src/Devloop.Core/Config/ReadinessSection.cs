using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Config;

/// <summary>Reads <c>readiness:</c> of a local command, in the words of Kubernetes' probes; times are in seconds.</summary>
internal static class ReadinessSection
{
    private const int MostSeconds = 3600;

    public static ReadinessProbe? Read(Section local)
    {
        if (local.Sub("readiness", $"`readiness` of {local.What}") is not { } section)
            return null;
        ReadinessCheck[] checks = [.. new ReadinessCheck?[] { Exec(section), Http(section), Tcp(section) }.OfType<ReadinessCheck>()];
        int named = new[] { "exec", "http", "tcp" }.Count(section.Has);
        var probe = new ReadinessProbe(checks.FirstOrDefault() ?? new ReadinessCheck.Tcp("", 0))
        {
            InitialDelay = TimeSpan.FromSeconds(section.Number("initial_delay", 0, least: 0, most: MostSeconds)),
            Period = TimeSpan.FromSeconds(section.Number("period", 1, least: 1, most: MostSeconds)),
            Timeout = TimeSpan.FromSeconds(section.Number("timeout", 1, least: 1, most: MostSeconds)),
            FailureThreshold = section.Number("failure_threshold", 3, least: 1, most: 1000),
            SuccessThreshold = section.Number("success_threshold", 1, least: 1, most: 1000),
        };
        if (named != 1)
        {
            section.Report(Diagnostic.Error(named == 0 ? DiagnosticCode.MissingKey : DiagnosticCode.ConflictingKeys,
                $"{section.What} {(named == 0 ? "asks nothing" : "asks several things")}") with
            {
                At = local.Place("readiness"),
                Help = "it has one of `exec: {command: ...}`, `http: {port: 8080, path: /healthz}` and `tcp: {port: 5432}`",
            });
        }
        section.Finish("`readiness`");
        return checks.Length == 1 && named == 1 ? probe : null;
    }

    private static ReadinessCheck.Exec? Exec(Section readiness)
    {
        if (readiness.Sub("exec", "`exec` of `readiness`") is not { } section)
            return null;
        CommandWords? command = LocalSection.Command(section, "command");
        if (!section.Has("command"))
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`exec` of `readiness` has no `command`") with { At = section.At });
        section.Finish();
        return command is null ? null : new ReadinessCheck.Exec(command);
    }

    private static ReadinessCheck.Http? Http(Section readiness)
    {
        if (readiness.Sub("http", "`http` of `readiness`") is not { } section)
            return null;
        string scheme = section.Text("scheme")?.ToLowerInvariant() ?? "http";
        if (scheme is not ("http" or "https"))
            section.Bad("scheme", $"`{scheme}` is not a scheme", null, "the schemes are `http` and `https`");
        string path = section.Text("path") ?? "/";
        var check = new ReadinessCheck.Http(scheme, Host(section), Port(section), path.StartsWith('/') ? path : "/" + path);
        section.Finish();
        return check.Port == 0 ? null : check;
    }

    private static ReadinessCheck.Tcp? Tcp(Section readiness)
    {
        if (readiness.Sub("tcp", "`tcp` of `readiness`") is not { } section)
            return null;
        var check = new ReadinessCheck.Tcp(Host(section), Port(section));
        section.Finish();
        return check.Port == 0 ? null : check;
    }

    private static string Host(Section section) => section.Text("host") is { Length: > 0 } host ? host : "localhost";

    /// <summary>0 when it was reported.</summary>
    private static int Port(Section section)
    {
        if (!section.Has("port"))
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, $"{section.What} has no `port`") with { At = section.At });
        return section.Number("port", 0, least: 1, most: 65535);
    }
}
