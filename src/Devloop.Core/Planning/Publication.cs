using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>
/// How publishers of one key agree on one image although registries compare and swap nothing: the first wins, the others adopt. Each
/// puts a claim where there is none, waits until every claim that may be under way has landed, and takes the claim that is there then.
/// Only what was settled so is written under the alias, so an alias that is seen is final.
/// </summary>
/// <remarks>
/// Sound as long as nobody needs longer from finding no claim to having put one than the others wait. Whoever is slower finds the alias
/// when it looks again, and adopts too.
/// </remarks>
public static class Publication
{
    /// <summary>How long a claim settles at least.</summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(0.5);

    /// <summary>How long a claim settles at most; a registry so slow that this is too short is beyond an agreement.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>Another machine's claim may take as many times longer than one's own.</summary>
    private const int Margin = 4;

    public static PublishStep First { get; } = new PublishStep.ReadAlias();

    /// <summary>The step after one.</summary>
    /// <param name="own">The image that this publisher pushed.</param>
    /// <param name="seen">What a reading found, or the image that a writing was accepted for; null for nothing or refused.</param>
    /// <param name="took">How long the step took.</param>
    public static PublishStep After(PublishStep step, RegistryImage own, RegistryImage? seen, TimeSpan took) => step switch
    {
        PublishStep.ReadAlias => seen is null ? new PublishStep.ReadClaim() : new PublishStep.Done(seen),
        PublishStep.ReadClaim => seen is null ? new PublishStep.WriteClaim(took) : new PublishStep.Settle(LeastWait),
        PublishStep.WriteClaim s => new PublishStep.Settle(WaitFor(s.ReadingTook + took)),
        PublishStep.Settle => new PublishStep.ReadSettledClaim(),
        // A claim that somebody deleted meanwhile counts for nothing.
        PublishStep.ReadSettledClaim => new PublishStep.ReadAliasAgain(seen ?? own),
        PublishStep.ReadAliasAgain s => seen is null ? new PublishStep.WriteAlias(s.Settled) : new PublishStep.Done(seen),
        // A registry that refuses to overwrite says so that another one was there first.
        PublishStep.WriteAlias s => seen is null ? new PublishStep.ReadLastAlias(s.Settled) : new PublishStep.Done(s.Settled),
        PublishStep.ReadLastAlias s => new PublishStep.Done(seen ?? s.Settled),
        _ => throw new System.Diagnostics.UnreachableException($"nothing comes after {step.GetType().Name}"),
    };

    private static TimeSpan WaitFor(TimeSpan claiming)
    {
        TimeSpan wait = claiming * Margin;
        return wait < LeastWait ? LeastWait : wait > LongestWait ? LongestWait : wait;
    }
}

/// <summary>What a publisher does next.</summary>
public abstract record PublishStep
{
    private PublishStep() { }

    public sealed record ReadAlias : PublishStep;

    public sealed record ReadClaim : PublishStep;

    /// <param name="ReadingTook">The claim was found missing that long before.</param>
    public sealed record WriteClaim(TimeSpan ReadingTook) : PublishStep;

    public sealed record Settle(TimeSpan Time) : PublishStep;

    public sealed record ReadSettledClaim : PublishStep;

    public sealed record ReadAliasAgain(RegistryImage Settled) : PublishStep;

    public sealed record WriteAlias(RegistryImage Settled) : PublishStep;

    public sealed record ReadLastAlias(RegistryImage Settled) : PublishStep;

    /// <param name="Counts">The one image of the key, for everybody.</param>
    public sealed record Done(RegistryImage Counts) : PublishStep;
}
