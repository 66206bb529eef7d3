namespace Devloop.Model;

/// <summary>How to know whether something serves.</summary>
/// <param name="Check">What is asked.</param>
public sealed record ReadinessProbe(ReadinessCheck Check)
{
    /// <summary>From the start to the first question.</summary>
    public TimeSpan InitialDelay { get; init; }

    /// <summary>From one question to the next.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After that a question counts as answered with no.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So many answers of no in a row make what was ready not ready.</summary>
    public int FailureThreshold { get; init; } = 3;

    /// <summary>So many answers of yes in a row make it ready.</summary>
    public int SuccessThreshold { get; init; } = 1;
}

/// <summary>A question that has yes or no for an answer.</summary>
public abstract record ReadinessCheck
{
    private ReadinessCheck() { }

    /// <summary>Yes: it ends with exit code 0.</summary>
    public sealed record Exec(CommandWords Command) : ReadinessCheck;

    /// <summary>Yes: a GET is answered with a status from 200 to 399, as Kubernetes has it.</summary>
    /// <param name="Scheme"><c>http</c> or <c>https</c>, whose certificate is not looked at.</param>
    /// <param name="Path">Begins with <c>/</c>.</param>
    public sealed record Http(string Scheme, string Host, int Port, string Path) : ReadinessCheck;

    /// <summary>Yes: somebody listens.</summary>
    public sealed record Tcp(string Host, int Port) : ReadinessCheck;
}
