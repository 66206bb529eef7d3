using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Testing;

/// <summary>Nodes whose images are in memory, beside the engine that they are containers of. Safe for several loads at once.</summary>
public sealed class FakeNodeImages(IImageStore engine) : INodeImages
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (NodeContainer Container, ImmutableArray<string> Labels)> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<(string Node, string Image)> _images = [];
    private readonly Dictionary<string, string> _refusals = new(StringComparer.Ordinal);
    private readonly List<(string Node, ImageReference Image)> _loads = [];

    /// <summary>Every load that went through, in order.</summary>
    public ImmutableArray<(string Node, ImageReference Image)> Loads
    {
        get
        {
            lock (_lock)
                return [.. _loads];
        }
    }

    /// <summary>A container starts.</summary>
    public ImageNode Start(string name, NodeRuntime runtime, params ImmutableArray<string> labels)
    {
        var container = new NodeContainer("id-of-" + name, name);
        lock (_lock)
            _nodes[container.Id] = (container, labels);
        return new ImageNode(container, runtime);
    }

    /// <summary>A container stops; its images are there when it starts again.</summary>
    public void Stop(ImageNode node)
    {
        lock (_lock)
            _nodes.Remove(node.Container.Id);
    }

    /// <summary>Makes every load into a node fail until told otherwise with null.</summary>
    public void Refuse(ImageNode node, string? why)
    {
        lock (_lock)
        {
            if (why is null)
                _refusals.Remove(node.Container.Id);
            else
                _refusals[node.Container.Id] = why;
        }
    }

    public Task<ImmutableArray<NodeContainer>> FindAsync(ImmutableArray<string> labels, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult<ImmutableArray<NodeContainer>>([.. _nodes.Values.Where(n => labels.All(n.Labels.Contains)).Select(n => n.Container)]);
    }

    public Task<bool> HasAsync(ImageReference reference, ImageNode node, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.FromResult(_nodes.ContainsKey(node.Container.Id) && _images.Contains((node.Container.Id, reference.ToString())));
    }

    public async Task<Diagnostic?> LoadAsync(ImageReference reference, ImmutableArray<ImageNode> nodes, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        if (await engine.FindAsync(reference.Familiar, cancellationToken).ConfigureAwait(false) is null)
            return Failed(reference, nodes[0], "the engine does not have the image");
        lock (_lock)
        {
            if (nodes.FirstOrDefault(n => !_nodes.ContainsKey(n.Container.Id)) is { } gone)
                return Failed(reference, gone, "its container does not run");
            progress.Report(new BuildProgress.Transfer(reference.Tag ?? "", "loading", 1, 1, Done: false));
            foreach (ImageNode node in nodes.Where(n => !_refusals.ContainsKey(n.Container.Id)))
            {
                _images.Add((node.Container.Id, reference.ToString()));
                _loads.Add((node.Container.Name, reference));
            }
            return nodes.FirstOrDefault(n => _refusals.ContainsKey(n.Container.Id)) is { } refusing ? Failed(reference, refusing, _refusals[refusing.Container.Id]) : null;
        }
    }

    private static Diagnostic Failed(ImageReference reference, ImageNode node, string why) =>
        Diagnostic.Error(DiagnosticCode.LoadFailed, $"`{reference.Familiar}` was not loaded into the node `{node.Container.Name}`") with { Notes = [why] };
}
