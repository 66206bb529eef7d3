namespace Devloop.Engine;

/// <summary>What the user wants of a resource beside what the config says.</summary>
public sealed record ResourceControl
{
    public static ResourceControl Untouched { get; } = new();

    /// <summary>It was asked for, or enabled: the config's <c>auto_start: false</c> keeps it no more.</summary>
    public bool Started { get; init; }

    /// <summary>It is to be deployed once more, whether or not anything changed; until the deploy begins.</summary>
    public bool Asked { get; init; }

    /// <summary>It is not deployed, and nothing is built for it alone.</summary>
    public bool Disabled { get; init; }

    /// <summary>The deletion of its objects that runs.</summary>
    public WorkId Removing { get; init; }

    /// <summary>A deploy begins: what was asked for is done with it.</summary>
    public ResourceControl Begun() => Asked ? this with { Asked = false } : this;
}
