using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Planning;

public class ImageGraphTests
{
    // d ← b ← a
    //     c ← a        e
    private static readonly ImageGraph Graph = Of("a b c d e", "a>b a>c b>d").Value!;

    [Fact]
    public void Bases_come_first_and_what_could_change_places_stays_in_the_order_given()
    {
        Names(Graph.BottomUp).ShouldBe("d b c a e");
        Names(Of("x y z", "").Value!.BottomUp).ShouldBe("x y z");
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("b", 1)]
    [InlineData("d", 2)]
    [InlineData("e", 0)]
    public void The_height_is_the_longest_chain_above(string image, int height) => Graph.Height(new ImageName(image)).ShouldBe(height);

    [Fact]
    public void Closures_go_both_ways_bottom_up()
    {
        Names(Graph.WithBases([new ImageName("a")])).ShouldBe("d b c a");
        Names(Graph.WithChildren([new ImageName("d")])).ShouldBe("d b a");
        Names(Graph.Bases(new ImageName("a"))).ShouldBe("b c");
        Names(Graph.Children(new ImageName("c"))).ShouldBe("a");
    }

    [Theory]
    [InlineData("a b c", "a>b b>c c>a", "a → b → c → a")]
    [InlineData("a", "a>a", "a → a")]
    [InlineData("x a b", "x>a a>b b>a", "a → b → a")]
    public void A_circle_is_drawn_as_a_path(string images, string edges, string path)
    {
        Diagnostic problem = Of(images, edges).Diagnostics.ShouldHaveSingleItem();
        problem.Code.ShouldBe(DiagnosticCode.ImageCycle);
        problem.Message.ShouldBe("images are built on one another: " + path);
    }

    [Fact]
    public void A_long_chain_needs_no_stack()
    {
        ImageName[] images = [.. Enumerable.Range(0, 20_000).Select(i => new ImageName($"i{i:00000}"))];
        BaseEdge[] edges = [.. images.Skip(1).Select((child, i) => new BaseEdge(child, images[i], null))];
        ImageGraph.Of([.. images.Reverse()], edges).Value!.BottomUp.ShouldBe(images);
    }

    [Fact]
    public void In_any_graph_every_image_comes_after_its_bases() => Prop.ForAll(Gen.Choose(0, 999).ArrayOf(40).ToArbitrary(), numbers =>
    {
        ImageName[] images = [.. Enumerable.Range(0, 12).Select(i => new ImageName($"i{i}"))];
        // From a higher number to a lower one, so that there is no circle.
        BaseEdge[] edges = [.. numbers.Select(n => (Child: n % 12, Base: n / 12 % 12)).Where(e => e.Child > e.Base).Select(e => new BaseEdge(images[e.Child], images[e.Base], null))];
        ImageGraph graph = ImageGraph.Of([.. images.Reverse()], edges).Value!;
        var placed = new HashSet<ImageName>();
        foreach (ImageName image in graph.BottomUp)
        {
            graph.Bases(image).ShouldAllBe(b => placed.Contains(b));
            placed.Add(image);
        }
        placed.Count.ShouldBe(12);
    }).Check(FsCheck.Config.QuickThrowOnFailure);

    private static Parsed<ImageGraph> Of(string images, string edges) => ImageGraph.Of(
        [.. images.Split(' ').Select(i => new ImageName(i))],
        [.. edges.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split('>')).Select(e => new BaseEdge(new ImageName(e[0]), new ImageName(e[1]), null))]);

    private static string Names(IEnumerable<ImageName> images) => string.Join(' ', images);
}
