using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>An image names another image of the project.</summary>
/// <param name="At">Where the Dockerfile names it.</param>
public sealed record BaseEdge(ImageName Child, ImageName Base, SourceSpan? At);

/// <summary>Which image is built on which. Has no cycles.</summary>
public sealed class ImageGraph
{
    private readonly ImmutableSortedDictionary<ImageName, ImmutableArray<ImageName>> _bases;
    private readonly ImmutableSortedDictionary<ImageName, ImmutableArray<ImageName>> _children;

    private readonly Dictionary<ImageName, int> _heights = [];

    private ImageGraph(ImmutableArray<ImageName> bottomUp, ILookup<ImageName, ImageName> bases, ILookup<ImageName, ImageName> children)
    {
        BottomUp = bottomUp;
        _bases = bottomUp.ToImmutableSortedDictionary(i => i, i => bases[i].Distinct().Order().ToImmutableArray());
        _children = bottomUp.ToImmutableSortedDictionary(i => i, i => children[i].Distinct().Order().ToImmutableArray());
        foreach (ImageName image in bottomUp.Reverse())
            _heights[image] = _children[image].Select(c => _heights[c] + 1).DefaultIfEmpty(0).Max();
    }

    public static ImageGraph Empty { get; } = Of([], []).Value!;

    /// <summary>Every image after its bases; images that could change places stand in the order they were given.</summary>
    public ImmutableArray<ImageName> BottomUp { get; }

    /// <summary>The images that one is built on, directly.</summary>
    public ImmutableArray<ImageName> Bases(ImageName image) => _bases.GetValueOrDefault(image, []);

    /// <summary>The images that are built on one, directly.</summary>
    public ImmutableArray<ImageName> Children(ImageName image) => _children.GetValueOrDefault(image, []);

    /// <summary>The length of the longest chain of images above one; 0 when nothing is built on it.</summary>
    public int Height(ImageName image) => _heights[image];

    /// <summary>An image with everything it is built on, bottom-up.</summary>
    public ImmutableArray<ImageName> WithBases(IEnumerable<ImageName> images) => Closure(images, Bases);

    /// <summary>An image with everything that is built on it, bottom-up.</summary>
    public ImmutableArray<ImageName> WithChildren(IEnumerable<ImageName> images) => Closure(images, Children);

    private ImmutableArray<ImageName> Closure(IEnumerable<ImageName> start, Func<ImageName, ImmutableArray<ImageName>> next)
    {
        var reached = new HashSet<ImageName>();
        var open = new Stack<ImageName>(start);
        while (open.TryPop(out ImageName image))
        {
            if (!reached.Add(image))
                continue;
            foreach (ImageName other in next(image))
                open.Push(other);
        }
        return [.. BottomUp.Where(reached.Contains)];
    }

    /// <summary>The graph of some images; a cycle is DL2001, drawn as a path.</summary>
    public static Parsed<ImageGraph> Of(IReadOnlyList<ImageName> images, IReadOnlyList<BaseEdge> edges)
    {
        ILookup<ImageName, ImageName> bases = edges.ToLookup(e => e.Child, e => e.Base);
        ILookup<ImageName, ImageName> children = edges.ToLookup(e => e.Base, e => e.Child);
        if (Cycle.Find(images, i => bases[i]) is { } cycle)
        {
            SourceSpan? at = edges.FirstOrDefault(e => e.Child == cycle[0] && e.Base == cycle[1])?.At;
            return new Parsed<ImageGraph>(null,
            [
                Diagnostic.Error(DiagnosticCode.ImageCycle, $"images are built on one another: {string.Join(" → ", cycle.Select(i => i.Value))}") with
                {
                    At = at,
                    Label = $"`{cycle[0]}` needs `{cycle[1]}` here",
                    Help = "one of these Dockerfiles names another base",
                },
            ]);
        }

        var ordered = ImmutableArray.CreateBuilder<ImageName>(images.Count);
        var placed = new HashSet<ImageName>();
        foreach (ImageName image in images)
            Place(image);
        return new Parsed<ImageGraph>(new ImageGraph(ordered.ToImmutable(), bases, children), []);

        // Without recursion: chains of bases may be long.
        void Place(ImageName image)
        {
            var open = new Stack<(ImageName Image, bool BasesPlaced)>();
            open.Push((image, false));
            while (open.TryPop(out var next))
            {
                if (next.BasesPlaced)
                {
                    if (placed.Add(next.Image))
                        ordered.Add(next.Image);
                }
                else if (!placed.Contains(next.Image))
                {
                    open.Push((next.Image, true));
                    foreach (ImageName needed in bases[next.Image].Reverse())
                        open.Push((needed, false));
                }
            }
        }
    }
}
