using System.Collections.Immutable;
using Devloop.Engine.Transitions;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Engine.Live;

/// <summary>What a look at an image, or trouble with its containers, means for who waits and who is built.</summary>
internal static class LiveMarks
{
    /// <summary>After an image was looked at: judges it and all that stand on it.</summary>
    /// <param name="asked">The user wants images, whatever containers could be given.</param>
    public static void Judge(Turn turn, ImageName image, bool asked)
    {
        if (!turn.State.Project.HasLiveUpdate)
            return;
        foreach (ImageName name in turn.State.Project.Graph.WithChildren([image]))
        {
            LivePlan? plan = asked ? null : LiveStand.Judge(turn.State, name);
            if (!ReferenceEquals(plan, turn.State.Images[name].Live))
                turn.Set(name, turn.State.Images[name] with { Live = plan });
        }
    }

    /// <summary>Why containers cannot be given it, as reasons of the build.</summary>
    public static ImmutableArray<BuildReason> Obstacles(EngineState state, ImageName image) =>
    [
        .. state.Project.Graph.WithChildren([image]).Select(i => state.Images[i].Live).OfType<LivePlan.Build>()
            .Select(b => new BuildReason.NotLive(b.Why)).Distinct(),
    ];

    /// <summary>The build waits: its pods have, or get, what it would bring.</summary>
    public static ImageState Wait(Turn turn, ImageState image, ImageName name, Fingerprint now, TimeSpan at)
    {
        bool builds = LiveStand.PolicyOf(turn.State, name) == LiveImagePolicy.Background;
        if (builds)
            WakeFor(turn, name);
        return image with { Queued = null, Failure = null, Reasons = Marks.Precise(image.Reasons, now.Differences), BehindSince = builds ? at : null };
    }

    /// <summary>An image is to be built after all: whatever it stands on that waits is built before it. True when something does.</summary>
    public static bool BuildBases(Turn turn, ImageName image)
    {
        bool any = false;
        foreach (ImageName name in turn.State.Project.Graph.WithBases([image]).Where(i => i != image))
        {
            if (!LiveStand.IsBehind(turn.State.Images[name]))
                continue;
            any = true;
            Build(turn, name);
        }
        return any;
    }

    /// <summary>Its containers can be given nothing more: the image is built and deployed.</summary>
    public static void Bar(Turn turn, ImageName image, LiveBar why)
    {
        turn.Set(image, turn.State.Images[image] with { Barred = why, Live = new LivePlan.Build(why.Why) });
        foreach (ImageName name in turn.State.Project.Graph.WithBases([image]))
        {
            if (!LiveStand.IsBehind(turn.State.Images[name]))
                continue;
            Build(turn, name);
            ImageState now = turn.State.Images[name];
            turn.Set(name, now with { Reasons = [new BuildReason.NotLive(why.Why), .. now.Reasons] });
        }
    }

    /// <summary>After a deploy: what its pods show is measured by what they start from now.</summary>
    public static void JudgeAnew(Turn turn, ImageName image)
    {
        if (!turn.State.Project.HasLiveUpdate || turn.Find(image) is not { } state)
            return;
        turn.Set(image, state with { Barred = state.Barred is { ForGood: true } bar ? bar : null });
        turn.Set(image, turn.State.Images[image] with { Live = LiveStand.Judge(turn.State, image) });
    }

    /// <summary>After a restart or a new pod: builds what containers had to be given once more.</summary>
    public static void BuildSoon(Turn turn, ImageName image, TimeSpan at)
    {
        foreach (ImageName name in turn.State.Project.Graph.WithBases([image]))
        {
            if (!LiveStand.IsBehind(turn.State.Images[name]) || turn.State.Images[name].BehindSince is not null || LiveStand.PolicyOf(turn.State, name) == LiveImagePolicy.Never)
                continue;
            turn.Set(name, turn.State.Images[name] with { BehindSince = at });
            WakeFor(turn, name);
        }
    }

    private static void Build(Turn turn, ImageName name)
    {
        ImageState image = turn.State.Images[name];
        turn.Set(name, image with { Queued = image.Seen, BehindSince = null });
    }

    /// <summary>The pause between the last edit and a build that nobody waits for.</summary>
    private static void WakeFor(Turn turn, ImageName image)
    {
        ResourceDefinition? runner = turn.State.Project.Graph.WithChildren([image]).SelectMany(i => LiveStand.RunnersOf(turn.State, i)).FirstOrDefault();
        if (runner is not null)
            turn.Ask(new EngineEffect.WakeAfter(runner.Name, turn.State.Options.LivePause));
    }
}
