using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>What is told beside the engine's steps: it changes no state.</summary>
public abstract record SideNews
{
    private SideNews() { }

    public sealed record Build(ImageName Image, BuildProgress Progress) : SideNews;

    /// <summary>One line that a container wrote.</summary>
    public sealed record Log(ResourceName Resource, string Pod, string Container, string Line) : SideNews;

    /// <summary>The cluster warned of something about an object of a resource.</summary>
    public sealed record Warned(ResourceName Resource, ClusterWarning Warning) : SideNews;

    public sealed record Forwarding(ResourceName Resource, PortForward Forward) : SideNews;

    /// <summary>An object is deleted and made anew, because a field of it cannot be changed.</summary>
    public sealed record Recreating(ResourceName Resource, ObjectReference Object, string Why) : SideNews;

    /// <summary>An object that left the config was taken out of the cluster, or was left there for a reason.</summary>
    /// <param name="Resource">The resource that it belonged to.</param>
    public sealed record Removed(string Resource, ObjectReference Object, RemovalOutcome Outcome) : SideNews;

    /// <summary>A deleted object takes its time to go.</summary>
    /// <param name="Why">What it waits for: a few words, lower case, no full stop.</param>
    public sealed record WaitsToGo(ObjectReference Object, string Why) : SideNews;

    public sealed record Notice(Diagnostic Diagnostic) : SideNews;

    /// <summary>Of no matter to the run; told to who looks closely.</summary>
    /// <param name="Text">A few words, lower case, no full stop.</param>
    public sealed record Remark(string Text) : SideNews;
}
