namespace Devloop.Ports;

/// <summary>What the builder that is reached can do.</summary>
public sealed record BuilderAbilities
{
    /// <summary>What it is called on screens, such as <c>Docker Engine 20.10.24</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A Docker Engine has the BuildKit inside; else it is a BuildKit of its own.</summary>
    public bool IsEngine { get; init; } = true;

    /// <summary>Its BuildKit; the oldest that it can be when it does not tell.</summary>
    public required Version BuildKit { get; init; }

    /// <summary>
    /// It keeps images as their registry form (the containerd image store), so that indexes, annotations and attestations stay, and it takes
    /// part in all caches. An engine that keeps layers in a graph driver has one image of one platform, and caches inside of images alone.
    /// </summary>
    public bool KeepsContent { get; init; }

    /// <summary>devloop runs in GitHub Actions, whose runner gives address and token of its cache.</summary>
    public bool InActions { get; init; }

    /// <summary>That cache is the second version of the service; github.com has no other since April 2025.</summary>
    public bool NewActionsCache { get; init; }
}
