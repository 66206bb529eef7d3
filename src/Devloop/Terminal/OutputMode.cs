namespace Devloop.Cli.Terminal;

/// <summary>How a run is shown.</summary>
public enum OutputMode
{
    /// <summary>Lines that are only ever appended.</summary>
    Plain,

    /// <summary>The same lines above a block at the bottom that shows what runs.</summary>
    Live,

    /// <summary>One JSON object a line.</summary>
    Json,
}

public static class OutputModes
{
    /// <summary>What `--output` takes; <c>text</c> is an older name of <c>plain</c>.</summary>
    public static string[] Words { get; } = ["auto", "live", "plain", "json", "text"];

    /// <summary>Variables that tell of a pipeline. Most set <c>CI</c>; these three are of those that do not.</summary>
    private static readonly string[] Pipelines = ["TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"];

    /// <param name="isTerminal">Whether status goes to a terminal. Without one there is nothing to draw on, whatever is asked for.</param>
    public static OutputMode Of(string word, bool isTerminal, Func<string, string?> environment) => word switch
    {
        "json" => OutputMode.Json,
        "live" when isTerminal => OutputMode.Live,
        "auto" when isTerminal && environment("TERM") is not ("dumb" or "" or null) && !IsPipeline(environment) => OutputMode.Live,
        _ => OutputMode.Plain,
    };

    private static bool IsPipeline(Func<string, string?> environment) =>
        environment("CI") is { Length: > 0 } and not "false" and not "0" || Pipelines.Any(p => environment(p) is { Length: > 0 });
}
