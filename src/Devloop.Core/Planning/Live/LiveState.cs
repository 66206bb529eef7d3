using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>What stands at a path of a container, as far as the Dockerfiles and the contexts say it.</summary>
internal abstract record LiveState
{
    private LiveState() { }

    public sealed record Missing : LiveState
    {
        public static Missing Instance { get; } = new();
    }

    /// <summary>It cannot be told.</summary>
    /// <param name="By">The number of the step that makes it so.</param>
    /// <param name="Why">What follows the step's instruction.</param>
    public sealed record Unknown(int By, string Why) : LiveState;

    /// <param name="Path">In the context that it comes from.</param>
    /// <param name="Step">The number of the step that brings it.</param>
    /// <param name="NeverDirectory">It is here because no directory is known to stand here.</param>
    public sealed record File(ContextNode.File Node, string Path, int Mode, LiveOwner Owner, int Step, bool NeverDirectory) : LiveState;

    public sealed record Link(ContextNode.Link Node, string Path, LiveOwner Owner, int Step) : LiveState;

    /// <param name="Mode">Null when something that is not known made it.</param>
    /// <param name="Step">The number of the step that made it, or set its mode last.</param>
    public sealed record Directory(int? Mode, LiveOwner? Owner, int Step) : LiveState;

    /// <summary>Whether a container could not tell them apart.</summary>
    public static bool AreSame(LiveState a, LiveState b) => (a, b) switch
    {
        (Missing, Missing) => true,
        (File x, File y) => x.Node.Hash == y.Node.Hash && x.Mode == y.Mode && x.Owner == y.Owner,
        (Link x, Link y) => x.Node.Target == y.Node.Target && x.Owner == y.Owner,
        (Directory x, Directory y) => x.Mode == y.Mode && x.Owner == y.Owner,
        _ => false,
    };
}
