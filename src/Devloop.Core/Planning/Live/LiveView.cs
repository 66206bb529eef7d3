using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>
/// An image's file system as its chain makes it of given contexts, asked path by path: the last step that writes a path decides. Nothing is
/// looked at but what is asked for, so a large context costs nothing.
/// </summary>
internal sealed class LiveView(LiveChain chain, LiveContent content)
{
    /// <summary>Of directories that BuildKit makes because something goes into them.</summary>
    private const int MadeMode = 0x1ED;

    private readonly Dictionary<(string Path, int Before), LiveState> _known = [];
    private readonly Dictionary<int, bool> _throughLinks = [];

    /// <param name="path">Absolute, without a slash at the end.</param>
    public LiveState At(string path) => At(path, chain.Steps.Length);

    /// <summary>What stands at a path before a step is done.</summary>
    public LiveState At(string path, int before)
    {
        if (_known.TryGetValue((path, before), out LiveState? known))
            return known;
        return _known[(path, before)] = Find(path, before);
    }

    public ContextSnapshot ContextOf(ImageName image) => content.Contexts.GetValueOrDefault(image, ContextSnapshot.Empty);

    /// <summary>Whether a step reads or writes through a symbolic link, so that what it writes stands elsewhere than it says.</summary>
    public bool GoesThroughLink(int step)
    {
        if (_throughLinks.TryGetValue(step, out bool known))
            return known;
        return _throughLinks[step] = chain.Steps[step] switch
        {
            LiveStep.Copy copy when copy.Sources.Any(s => s.GoesThroughLink(ContextOf(copy.Context))) => true,
            _ => WritesThroughLink(step),
        };
    }

    private bool WritesThroughLink(int step) => chain.Steps[step] switch
    {
        LiveStep.Copy copy => copy.Sources.Any(s => LeadsThroughLink(s.Destination, step)),
        LiveStep.Opaque { Region: { } region } => LeadsThroughLink(region, step),
        LiveStep.MakeDirectory made => LeadsThroughLink(made.Path, step),
        _ => false,
    };

    /// <summary>Where a file goes whose name the destination may be, or that goes into it; null when it cannot be told.</summary>
    /// <param name="name">The file's own name.</param>
    public (string Path, bool IsSure)? PlaceOf(LiveSource source, int step, string name)
    {
        if (source.IntoDirectory)
            return ($"{source.Destination}/{name}", true);
        return At(source.Destination, step) switch
        {
            LiveState.Directory when source.IsLinked => null,
            LiveState.Directory => ($"{source.Destination}/{name}", true),
            LiveState.Link => null,
            _ => source.HasWildcards ? null : (source.Destination, false),
        };
    }

    private bool LeadsThroughLink(string path, int step) =>
        path.Length > 0 && ContainerPath.Above(path).Append(path).Any(p => At(p, step) is LiveState.Link);

    private LiveState Find(string path, int before)
    {
        if (path.Length == 0)
            return new LiveState.Directory(null, null, 0);
        LiveState.Directory? made = null;
        for (int i = before - 1; i >= 0; i--)
        {
            LiveStep step = chain.Steps[i];
            if (GoesThroughLink(i) && (WritesThroughLink(i) || step is not LiveStep.Copy copied || copied.Sources.Any(s => ContainerPath.IsAtOrBelow(path, s.Destination))))
                return new LiveState.Unknown(i, "goes through a symbolic link");
            switch (step)
            {
                case LiveStep.MakeDirectory(_, _, var directory, var owner) when ContainerPath.IsAtOrBelow(directory, path):
                    made = new LiveState.Directory(MadeMode, owner, i);
                    break;
                case LiveStep.Opaque opaque when opaque.Region is null || ContainerPath.IsAtOrBelow(path, opaque.Region):
                    return made is null ? new LiveState.Unknown(i, opaque.Why) : new LiveState.Directory(null, null, i);
                case LiveStep.Opaque opaque when ContainerPath.IsAtOrBelow(opaque.Region!, path):
                    made = new LiveState.Directory(MadeMode, null, i);
                    break;
                case LiveStep.Copy copy:
                    LiveState? claim = null;
                    foreach (LiveSource source in copy.Sources)
                        claim = CopyClaim.Then(claim, new CopyClaim(this, copy, i, source).At(path), i);
                    if (claim is LiveState.Directory { Mode: null })
                        made = new LiveState.Directory(MadeMode, copy.Owner, i);
                    else if (claim is not null)
                        return Settle(claim, made, path, i);
                    break;
            }
        }
        return (LiveState?)made ?? LiveState.Missing.Instance;
    }

    /// <summary>BuildKit puts no file where a directory stands, and no directory where something else does: such a build fails.</summary>
    /// <param name="made">A directory that a later step needs there.</param>
    private LiveState Settle(LiveState claim, LiveState.Directory? made, string path, int step)
    {
        LiveState below = At(path, step);
        return claim switch
        {
            LiveState.File or LiveState.Link when made is not null || below is LiveState.Directory => new LiveState.Unknown(step, "brings a file where a directory has to be"),
            LiveState.Directory when below is LiveState.File or LiveState.Link => new LiveState.Unknown(step, "brings a directory where something else is"),
            LiveState.File file when below is LiveState.Unknown => file with { NeverDirectory = true },
            _ => claim,
        };
    }
}
