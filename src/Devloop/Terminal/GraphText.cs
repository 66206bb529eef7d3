using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Cli.Terminal;

/// <summary>A project's graph as text, in several languages.</summary>
public static class GraphText
{
    public static string Tree(ResolvedProject project, Palette palette)
    {
        var text = new StringBuilder();
        foreach (ImageName root in project.Graph.BottomUp.Where(i => project.Graph.Bases(i).IsEmpty))
        {
            text.Append(Line(project, root, palette)).Append('\n');
            Below(text, project, root, "", palette);
        }
        string[] bare = [.. project.Resources.Where(r => !r.Images.Any() && r.Local is null).Select(r => r.Name.Value)];
        if (bare.Length > 0)
            text.Append(palette.Dim("without images: ")).Append(string.Join(", ", bare)).Append('\n');
        foreach (ResourceDefinition local in project.Resources.Where(r => r.Local is not null))
        {
            string[] readers = [.. project.Producers.Images(local.Name).Select(i => i.Value), .. project.Producers.Locals(local.Name).Select(l => l.Value)];
            text.Append(palette.Dim("local: ")).Append(palette.Name(local.Name.Value, local.Name.Value)).Append(readers.Length > 0 ? palette.Dim("  feeds ") + string.Join(", ", readers) : "").Append('\n');
        }
        ImmutableArray<ImageName> chain = LongestChain(project.Graph);
        text.Append(Count.Of(project.Images.Length, "image")).Append(", ").Append(Count.Of(project.Resources.Length, "resource"));
        if (chain.Length > 1)
            text.Append($", longest chain {chain.Length}: ").Append(string.Join(" → ", chain));
        return text.Append('\n').ToString();
    }

    private static void Below(StringBuilder text, ResolvedProject project, ImageName image, string indent, Palette palette)
    {
        ImmutableArray<ImageName> children = project.Graph.Children(image);
        for (int i = 0; i < children.Length; i++)
        {
            bool last = i == children.Length - 1;
            text.Append(indent).Append(last ? "└─ " : "├─ ").Append(Line(project, children[i], palette)).Append('\n');
            Below(text, project, children[i], indent + (last ? "   " : "│  "), palette);
        }
    }

    private static string Line(ResolvedProject project, ImageName image, Palette palette)
    {
        string[] resources = [.. project.Resources.Where(r => r.Images.Contains(image)).Select(r => r.Name.Value)];
        return palette.Name(image.Value, image.Value) + (resources.Length > 0 ? palette.Dim("  → ") + string.Join(", ", resources) : "");
    }

    private static ImmutableArray<ImageName> LongestChain(ImageGraph graph)
    {
        var chain = ImmutableArray.CreateBuilder<ImageName>();
        IEnumerable<ImageName> next = graph.BottomUp;
        while (next.Any())
        {
            chain.Add(next.MaxBy(graph.Height));
            next = graph.Children(chain[^1]);
        }
        return chain.ToImmutable();
    }

    public static string Dot(ProjectGraph graph)
    {
        var text = new StringBuilder("digraph devloop {\n  rankdir=LR;\n");
        foreach (GraphNode node in graph.Nodes)
            text.Append($"  {Quoted(node.Id)} [shape={(node.Kind == NodeKind.Image ? "box" : "ellipse")}];\n");
        foreach (GraphEdge edge in graph.Edges)
            text.Append($"  {Quoted(edge.From)} -> {Quoted(edge.To)}{(edge.Kind == EdgeKind.DependsOn ? " [style=dashed]" : "")};\n");
        return text.Append("}\n").ToString();
    }

    public static string Mermaid(ProjectGraph graph)
    {
        var text = new StringBuilder("graph LR\n");
        var ids = graph.Nodes.Select((n, i) => (n.Id, Short: "n" + i)).ToDictionary(n => n.Id, n => n.Short);
        foreach (GraphNode node in graph.Nodes)
            text.Append(node.Kind == NodeKind.Image ? $"  {ids[node.Id]}[{Quoted(node.Id)}]\n" : $"  {ids[node.Id]}([{Quoted(node.Id)}])\n");
        foreach (GraphEdge edge in graph.Edges)
            text.Append($"  {ids[edge.From]} {(edge.Kind == EdgeKind.DependsOn ? "-.->" : "-->")} {ids[edge.To]}\n");
        return text.ToString();
    }

    public static string Json(ProjectGraph graph) => new JsonObject
    {
        ["nodes"] = new JsonArray([.. graph.Nodes.Select(n => (JsonNode)new JsonObject { ["id"] = n.Id, ["kind"] = n.Kind switch { NodeKind.Image => "image", NodeKind.Local => "local", _ => "resource" } })]),
        ["edges"] = new JsonArray([.. graph.Edges.Select(e => (JsonNode)new JsonObject { ["from"] = e.From, ["to"] = e.To, ["kind"] = Word(e.Kind) })]),
    }.ToJsonString(JsonShapes.Indented) + "\n";

    /// <summary>A line an edge: from, to, kind, with tabs between.</summary>
    public static string Edges(ProjectGraph graph) => string.Concat(graph.Edges.Select(e => $"{e.From}\t{e.To}\t{Word(e.Kind)}\n"));

    private static string Word(EdgeKind kind) => kind switch
    {
        EdgeKind.Base => "base",
        EdgeKind.Deploys => "deploys",
        _ => "depends_on",
    };

    private static string Quoted(string text) => "\"" + text.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
