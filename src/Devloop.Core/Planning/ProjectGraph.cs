using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning;

public enum NodeKind
{
    Image,
    Resource,

    /// <summary>A resource that is a local command.</summary>
    Local,
}

public enum EdgeKind
{
    /// <summary>An image is built on another.</summary>
    Base,

    /// <summary>A resource runs an image.</summary>
    Deploys,

    /// <summary>A resource waits for another; an image waits for the local command that writes what it reads.</summary>
    DependsOn,
}

/// <param name="Id">Unique in the graph: an image and a resource of one name are told apart.</param>
public sealed record GraphNode(string Id, NodeKind Kind);

/// <summary><paramref name="From"/> needs <paramref name="To"/>.</summary>
public sealed record GraphEdge(string From, string To, EdgeKind Kind);

/// <summary>The whole project as nodes and edges, bases first.</summary>
public sealed record ProjectGraph(ImmutableArray<GraphNode> Nodes, ImmutableArray<GraphEdge> Edges)
{
    public static ProjectGraph Of(ResolvedProject project)
    {
        var nodes = ImmutableArray.CreateBuilder<GraphNode>();
        var edges = ImmutableArray.CreateBuilder<GraphEdge>();
        foreach (ImageName image in project.Graph.BottomUp)
        {
            nodes.Add(new GraphNode(image.Value, NodeKind.Image));
            edges.AddRange(project.Graph.Bases(image).Select(b => new GraphEdge(image.Value, b.Value, EdgeKind.Base)));
            edges.AddRange(project.Producers.Of(image).Select(l => new GraphEdge(image.Value, IdOf(project, l), EdgeKind.DependsOn)));
        }
        foreach (ResourceDefinition resource in project.Resources)
        {
            string id = IdOf(project, resource.Name);
            nodes.Add(new GraphNode(id, resource.Local is null ? NodeKind.Resource : NodeKind.Local));
            edges.AddRange(resource.Images.Select(i => new GraphEdge(id, i.Value, EdgeKind.Deploys)));
            edges.AddRange(resource.Settings.DependsOn.Union(project.Producers.Of(resource.Name)).Select(d => new GraphEdge(id, IdOf(project, d), EdgeKind.DependsOn)));
        }
        return new ProjectGraph(nodes.ToImmutable(), edges.ToImmutable());
    }

    /// <summary>The id of a resource's node.</summary>
    internal static string IdOf(ResolvedProject project, ResourceName resource) =>
        !project.HasImage(new ImageName(resource.Value)) ? resource.Value
        : project.Resources.Any(r => r.Name == resource && r.Local is not null) ? "local/" + resource.Value : "resource/" + resource.Value;
}
