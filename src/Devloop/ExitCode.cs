using Devloop.Engine;

namespace Devloop.Cli;

/// <summary>What a command ends with; a promise to scripts.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>Wrong usage, or a config with errors.</summary>
    public const int Usage = 2;
    public const int BuildFailed = 3;
    public const int DeployFailed = 4;

    /// <summary>Deployed, but failed or not ready in time.</summary>
    public const int NotHealthy = 5;

    /// <summary>The engine, the cluster or the registry is out of reach, or a context is not allowed.</summary>
    public const int Environment = 6;

    /// <summary>128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>A fault of ours: EX_SOFTWARE of sysexits(3).</summary>
    public const int Crash = 70;

    public const string Table = """
        Exit codes:
          0    success
          2    usage or config error
          3    build failed
          4    deploy failed
          5    not healthy (failed or timed out)
          6    environment (engine, cluster or registry out of reach, context not allowed)
          130  interrupted
        """;

    public static int Of(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Succeeded => Success,
        RunOutcome.BuildFailed => BuildFailed,
        RunOutcome.DeployFailed => DeployFailed,
        RunOutcome.NotHealthy => NotHealthy,
        RunOutcome.Environment => Environment,
        _ => Interrupted,
    };
}
