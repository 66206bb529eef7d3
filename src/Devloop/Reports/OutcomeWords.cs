namespace Devloop.Cli.Reports;

/// <summary>An exit code in one word for machines, as the event `summary` has it.</summary>
public static class OutcomeWords
{
    public static string Of(int exitCode) => exitCode switch
    {
        ExitCode.Success => "succeeded",
        ExitCode.Usage => "usage",
        ExitCode.BuildFailed => "build_failed",
        ExitCode.DeployFailed => "deploy_failed",
        ExitCode.NotHealthy => "not_healthy",
        ExitCode.Environment => "environment",
        _ => "interrupted",
    };
}
