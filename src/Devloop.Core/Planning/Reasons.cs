using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Why something is done; holds the evidence.</summary>
public interface IReason
{
    /// <summary>The evidence in a few words.</summary>
    string Text { get; }

    /// <summary>The path to name, relative to the project; null when no file is to blame.</summary>
    string? Path { get; }

    /// <summary>The line of the Dockerfile that reads the path.</summary>
    int? Line { get; }
}

/// <summary>How an input differs from what it was.</summary>
public enum InputChange
{
    Content,
    Added,
    Removed,

    /// <summary>The permission bits.</summary>
    Mode,

    /// <summary>Where a link leads to.</summary>
    Target,

    /// <summary>A file became a directory or a link, or the other way round.</summary>
    Kind,
}

/// <summary>Why an image is looked at or built.</summary>
public abstract record BuildReason : IReason
{
    private BuildReason() { }

    public abstract string Text { get; }

    public virtual string? Path => null;

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
        public InputChange Change { get; init; }

        public override string Text => Instruction is null ? $"{File} {Verb}" : $"{File} {Verb}, read by `{Instruction}`";

        private string Verb => Change switch
        {
            InputChange.Added => "is new",
            InputChange.Removed => "is gone",
            InputChange.Mode => "has other permissions",
            InputChange.Target => "leads elsewhere",
            InputChange.Kind => "is of another kind",
            _ => "changed",
        };

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

    /// <summary>The base is built first, and only then it can be known.</summary>
    public sealed record BaseFirst(ImageName Base) : BuildReason
    {
        public override string Text => $"{Base} is built first; if it comes out the same, this one stays";
    }

    /// <summary>A base from elsewhere is another now.</summary>
    /// <param name="Reference">As the Dockerfile's words resolve.</param>
    public sealed record ExternalBaseChanged(string Reference) : BuildReason
    {
        public override string Text => $"base {Reference} is another image now";
    }

    /// <summary>Something that the config says of the image's build is another now.</summary>
    /// <param name="What">Such as <c>build arg NODE_ENV</c>.</param>
    public sealed record SettingChanged(string What) : BuildReason
    {
        public override string Text => $"{What} changed";
    }

    /// <summary>The same content was built before, and the engine has it no more.</summary>
    public sealed record ImageGone : BuildReason
    {
        public override string Text => "the engine does not have the image any more";
    }

    /// <summary>Too many to name.</summary>
    public sealed record AndMore(int Count) : BuildReason
    {
        public override string Text => $"and {Count} more inputs";
    }

    /// <summary>Nothing that it reads has changed.</summary>
    public sealed record Known : BuildReason
    {
        public override string Text => "the same content was built before";
    }

    /// <summary>The last build failed, and something was saved since.</summary>
    public sealed record Retry : BuildReason
    {
        public override string Text => "tried again after a failure";
    }

    /// <summary>The engine went away while it built.</summary>
    public sealed record BuilderLost : BuildReason
    {
        public override string Text => "the engine went away during the build";
    }

    /// <summary>A file changed while it was sent.</summary>
    public sealed record ChangedWhileSent(string File) : BuildReason
    {
        public override string Text => $"{File} changed while it was sent";

        public override string? Path => File;
    }

    /// <summary>Another publisher of the same key was first.</summary>
    public sealed record PublishedBefore : BuildReason
    {
        public override string Text => "the same inputs were published first from elsewhere";
    }

    /// <summary>The registry has it, but the engine cannot get it.</summary>
    public sealed record PullFailed : BuildReason
    {
        public override string Text => "it could not be pulled";
    }

    /// <summary>A local command wrote, or may have written, what the image reads.</summary>
    public sealed record LocalRan(ResourceName Local) : BuildReason
    {
        public override string Text => $"{Local} ran";
    }

    /// <summary>A local command runs first, and only then it can be known.</summary>
    public sealed record LocalFirst(ResourceName Local) : BuildReason
    {
        public override string Text => $"{Local} runs first; if it writes the same, this one stays";
    }

    /// <summary>Running containers cannot be given what changed.</summary>
    public sealed record NotLive(Live.LiveObstacle Why) : BuildReason
    {
        public override string Text => Why.Path is null ? Why.Text : $"{Why.Path} is built, since {Why.Text}";

        public override string? Path => Why.Path;

        public override int? Line => Why.Line;
    }

    /// <summary>The user asked.</summary>
    /// <param name="NoCache">For every step to be run.</param>
    public sealed record Asked(bool NoCache = false) : BuildReason
    {
        public override string Text => NoCache ? "asked for, with every step run anew" : "asked for";
    }

    /// <summary>The user asked for a resource that runs it.</summary>
    public sealed record ResourceAsked(ResourceName Resource) : BuildReason
    {
        public override string Text => $"{Resource} was asked for";
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
