using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Some images and resources with all that they need: bases, what they depend on, and the local commands that write what they read.</summary>
internal sealed class Needs
{
    private readonly ResolvedProject _project;
    private readonly bool _onlyLocals;
    private readonly Stack<ResourceName> _open = [];

    /// <param name="onlyLocals">What runs in a cluster is not needed, since nothing is deployed.</param>
    public Needs(ResolvedProject project, IEnumerable<ImageName> images, IEnumerable<ResourceName> resources, bool onlyLocals)
    {
        (_project, _onlyLocals) = (project, onlyLocals);
        Add(images);
        foreach (ResourceName resource in resources)
            _open.Push(resource);
        while (_open.TryPop(out ResourceName name))
            Add(name);
    }

    public HashSet<ImageName> Images { get; } = [];

    public HashSet<ResourceName> Resources { get; } = [];

    private void Add(IEnumerable<ImageName> images)
    {
        foreach (ImageName image in _project.Graph.WithBases(images))
        {
            if (Images.Add(image))
                Push(_project.Producers.Of(image));
        }
    }

    private void Add(ResourceName name)
    {
        if (_project.Resources.FirstOrDefault(r => r.Name == name) is not { } resource || (_onlyLocals && resource.Local is null) || !Resources.Add(name))
            return;
        Add(resource.Images);
        Push(resource.Settings.DependsOn);
        Push(_project.Producers.Of(name));
    }

    private void Push(IEnumerable<ResourceName> resources)
    {
        foreach (ResourceName resource in resources)
            _open.Push(resource);
    }
}
