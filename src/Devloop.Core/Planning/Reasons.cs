using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Why an image is looked at or built; holds the evidence.</summary>
public abstract record BuildReason
{
    private BuildReason() { }

    /// <summary>The evidence in a few words.</summary>
    public abstract string Text { get; }

    /// <summary>The path to name, relative to the project.</summary>
    public virtual string? Path => null;

    /// <summary>The line of the Dockerfile that reads the path.</summary>
    public virtual int? Line => null;

    /// <summary>devloop has not seen this image before.</summary>
    public sealed record FirstBuild : BuildReason
    {
        public override string Text => "first build";
    }

    /// <param name="File">Relative to the project.</param>
    /// <param name="Instruction">Such as <c>COPY src .</c>; null when it cannot be told.</param>
    public sealed record FileChanged(string File, int? DockerfileLine, string? Instruction) : BuildReason
    {
        public override string Text => Instruction is null ? $"{File} changed" : $"{File} changed, read by `{Instruction}`";

        public override string? Path => File;

        public override int? Line => DockerfileLine;
    }

    public sealed record BaseChanged(ImageName Base, ContentTag? Now) : BuildReason
    {
        public override string Text => Now is { } tag ? $"on {Base} {tag.Short}" : $"base {Base} changed";
    }

    /// <summary>The Dockerfile, the ignore file or the config's entry changed.</summary>
    /// <param name="File">Relative to the project.</param>
    public sealed record DefinitionChanged(string File) : BuildReason
    {
        public override string Text => $"{File} changed";

        public override string? Path => File;
    }

    /// <summary>The last build failed, and something was saved since.</summary>
    public sealed record Retry : BuildReason
    {
        public override string Text => "tried again after a failure";
    }

    /// <summary>A file changed while it was sent.</summary>
    public sealed record ChangedWhileSent(string File) : BuildReason
    {
        public override string Text => $"{File} changed while it was sent";

        public override string? Path => File;
    }

    /// <summary>The user asked.</summary>
    public sealed record Asked : BuildReason
    {
        public override string Text => "asked for";
    }

    /// <summary>Something may have been saved between the first look and the start of the watch.</summary>
    public sealed record WatchStarted : BuildReason
    {
        public override string Text => "looked at again once the watch stood";
    }

    /// <summary>The watcher lost events, so everything is looked at.</summary>
    public sealed record Overflow : BuildReason
    {
        public override string Text => "file events were lost";
    }
}

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
}
