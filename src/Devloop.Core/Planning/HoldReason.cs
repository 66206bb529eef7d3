using Devloop.Model;

namespace Devloop.Planning;

/// <summary>What something waits for; holds the evidence.</summary>
public abstract record HoldReason
{
    private HoldReason() { }

    public abstract string Text { get; }

    public sealed record ForBase(ImageName Base) : HoldReason
    {
        public override string Text => $"waits for {Base}";
    }

    public sealed record BaseFailed(ImageName Base) : HoldReason
    {
        public override string Text => $"its base {Base} failed";
    }

    public sealed record ParallelLimit(int Limit) : HoldReason
    {
        public override string Text => $"{Limit} builds run already";
    }

    public sealed record ForEngine : HoldReason
    {
        public override string Text => "waits until the engine answers";
    }

    public sealed record Reloading : HoldReason
    {
        public override string Text => "the config is being read";
    }

    public sealed record ForImage(ImageName Image) : HoldReason
    {
        public override string Text => $"waits for image {Image}";
    }

    public sealed record ImageFailed(ImageName Image) : HoldReason
    {
        public override string Text => $"image {Image} failed";
    }

    public sealed record ForResource(ResourceName Resource) : HoldReason
    {
        public override string Text => $"waits for {Resource}";
    }

    public sealed record ForAllImages : HoldReason
    {
        public override string Text => "waits until every image is built";
    }

    /// <summary>The user holds everything.</summary>
    public sealed record Paused : HoldReason
    {
        public override string Text => "paused; `devloop resume` goes on";
    }

    /// <summary>The config leaves it to the user when it is deployed.</summary>
    public sealed record ForTrigger(ResourceName Resource) : HoldReason
    {
        public override string Text => $"waits for `devloop trigger {Resource}`";
    }

    /// <summary>The user switched it off.</summary>
    public sealed record Disabled(ResourceName Resource) : HoldReason
    {
        public override string Text => $"disabled; `devloop enable {Resource}` deploys it";
    }

    /// <summary>What was of it in the cluster is on its way out.</summary>
    public sealed record BeingRemoved : HoldReason
    {
        public override string Text => "waits until what was there is deleted";
    }

    /// <summary>A local command has still to write what it reads.</summary>
    public sealed record ForLocal(ResourceName Local) : HoldReason
    {
        public override string Text => $"waits for {Local} to run";
    }

    /// <summary>What a local command should have written is not to be relied on.</summary>
    public sealed record LocalFailed(ResourceName Local) : HoldReason
    {
        public override string Text => $"{Local} failed";
    }

    /// <summary>What it reads is being looked at.</summary>
    public sealed record ForDeps : HoldReason
    {
        public override string Text => "what it reads is looked at";
    }
}
