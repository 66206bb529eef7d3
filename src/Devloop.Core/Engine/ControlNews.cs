using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

public abstract partial record News
{
    /// <summary>What the user did with a run from outside, and what waits for the user.</summary>
    public abstract record Control : News
    {
        private Control() { }

        public sealed record Triggered(ImmutableArray<ImageName> Images, ImmutableArray<ResourceName> Resources, bool NoCache) : Control;

        public sealed record Paused : Control;

        public sealed record Resumed : Control;

        public sealed record Enabled(ResourceName Resource) : Control;

        /// <summary>Its objects are being deleted.</summary>
        public sealed record Disabling(ResourceName Resource) : Control;

        /// <param name="Failures">What the cluster did not delete; empty when all is gone.</param>
        public sealed record Disabled(ResourceName Resource, ImmutableArray<Diagnostic> Failures) : Control;

        /// <summary>Something changed that waits for the user.</summary>
        public sealed record Held(ImmutableArray<(ImageName Image, HoldReason Why)> Images, ImmutableArray<(ResourceName Resource, HoldReason Why)> Resources) : Control;
    }
}

/// <summary>Reads the user's part of a step into news.</summary>
internal static class ControlNews
{
    public static IEnumerable<News> Of(EngineStep step)
    {
        switch (step.Happened)
        {
            case EngineEvent.TriggerRequested e:
                yield return new News.Control.Triggered(e.Images, e.Resources, e.NoCache);
                break;
            case EngineEvent.Paused when !step.Before.Paused:
                yield return new News.Control.Paused();
                break;
            case EngineEvent.Resumed when step.Before.Paused:
                yield return new News.Control.Resumed();
                break;
            case EngineEvent.Enabled e when step.Before.Resources.TryGetValue(e.Resource, out ResourceState? was) && was.Control != step.After.Resources[e.Resource].Control:
                yield return new News.Control.Enabled(e.Resource);
                break;
            case EngineEvent.Disabled e when step.Effects.Any(x => x is EngineEffect.RemoveResource):
                yield return new News.Control.Disabling(e.Resource);
                break;
            case EngineEvent.Disabled e when step.Effects.Any(x => x is EngineEffect.StopLocal):
                yield return new News.Control.Disabled(e.Resource, []);
                break;
            case EngineEvent.ResourceRemoved e when step.Before.Resources.TryGetValue(e.Resource, out ResourceState? was) && was.Control is { Disabled: true } && was.Control.Removing == e.Work:
                yield return new News.Control.Disabled(e.Resource, e.Failures);
                break;
        }
        if (HeldBy(step) is { } held)
            yield return held;
    }

    /// <summary>What a round's end says of it otherwise, each time again.</summary>
    public static bool IsWish(HoldReason? why) => why is HoldReason.ForTrigger or HoldReason.Disabled;

    private static News.Control.Held? HeldBy(EngineStep step)
    {
        ImmutableArray<(ImageName, HoldReason)> images = !step.After.Paused ? [] :
        [
            .. step.After.Project.Graph.BottomUp
                .Where(i => step.After.Images[i] is { Dirty: true } && step.Before.Images.GetValueOrDefault(i) is { Dirty: false })
                .Select(i => (i, (HoldReason)new HoldReason.Paused())),
        ];
        ImmutableArray<(ResourceName, HoldReason)> resources = !step.After.Project.HasManual || !ReferenceEquals(step.Before.Project.Config, step.After.Project.Config) ? [] :
        [
            .. step.After.Project.Resources
                .Where(r => step.Before.Resources.ContainsKey(r.Name) && step.After.Resources.ContainsKey(r.Name) && Wishes.AwaitsTrigger(step.After, r) && !Wishes.AwaitsTrigger(step.Before, r))
                .Select(r => (r.Name, (HoldReason)new HoldReason.ForTrigger(r.Name))),
        ];
        return images.IsEmpty && resources.IsEmpty ? null : new News.Control.Held(images, resources);
    }
}
