using Devloop.Rollout;

namespace Devloop.Testing.Scenarios;

/// <summary>What a resource may look like, in words.</summary>
public static class Healths
{
    public static Health Ready { get; } = new Health.Ready(1, 1);

    public static Health Starting { get; } = new Health.Progressing(0, 1, "its pod starts", []);

    /// <summary>A container ended once: it may heal.</summary>
    public static Health Broken { get; } = new Health.Failed("its container ended with exit code 1", [Problem(PodProblemKind.Exited, restarts: 1)]);

    /// <summary>A container ended again and again.</summary>
    public static Health Hopeless { get; } = new Health.Failed("its container ends again and again", [Problem(PodProblemKind.CrashLoop, restarts: 5)]);

    private static PodProblem Problem(PodProblemKind kind, int restarts) =>
        new("web-1", "main", kind, "exit code 1", ExitCode: 1, restarts, Fatal: false, Since: null) { LastOutput = "connecting to redis\nno module named redis" };
}
