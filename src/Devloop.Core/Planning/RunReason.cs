using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Why a local command runs.</summary>
public abstract record RunReason : IReason
{
    private RunReason() { }

    public abstract string Text { get; }

    public virtual string? Path => null;

    public int? Line => null;

    /// <summary>What it wrote in an earlier run of devloop may be gone or changed: nobody knows.</summary>
    public sealed record FirstRun : RunReason
    {
        public override string Text => "first run";
    }

    /// <param name="File">Relative to the project, or absolute outside it.</param>
    public sealed record FileChanged(string File) : RunReason
    {
        public override string Text => $"{File} changed";

        public override string? Path => File;
    }

    /// <summary>It reads what another local command writes.</summary>
    public sealed record OutputChanged(ResourceName Local) : RunReason
    {
        public override string Text => $"{Local} ran";
    }

    /// <summary>Another local command may write what it reads.</summary>
    public sealed record OutputMaybe(ResourceName Local) : RunReason
    {
        public override string Text => $"{Local} runs first; if it writes the same, this one does not run";
    }

    /// <param name="File">The config, relative to the project.</param>
    public sealed record DefinitionChanged(string File) : RunReason
    {
        public override string Text => $"{File} changed";

        public override string? Path => File;
    }

    /// <summary>Something it reads may have changed while nobody watched, and has.</summary>
    public sealed record FoundChanged : RunReason
    {
        public override string Text => "what it reads changed unseen";
    }

    /// <summary>The user asked.</summary>
    public sealed record Asked : RunReason
    {
        public override string Text => "asked for";
    }
}
