using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Core.Tests.Planning.Live;

/// <summary>What an edit costs does not depend on what lies around it.</summary>
public class InferredSizeTests
{
    [Theory]
    [InlineData("COPY . /app")]
    [InlineData("COPY flat /app")]
    [InlineData("COPY flat/* /app/")]
    [InlineData("COPY f*/ /app/")]
    public void Comparing_large_contexts_takes_what_changed_and_no_more(string instruction)
    {
        ResolvedProject project = InferredCase.Of("FROM scratch\n" + instruction).Project();
        LiveRules rules = LiveRulesFactory.Inferred(project, project.Image(new ImageName("app")), RestartPolicy.Auto);
        LiveContent before = Content(edited: 0), after = Content(edited: 1);
        rules.Between(before, after, []);

        long small = Allocated(() => rules.Between(before, after, []).ShouldBeOfType<LivePlan.Update>().Entries.Length.ShouldBe(1));

        // All names of the context alone would take several megabytes.
        small.ShouldBeLessThan(200_000);
    }

    private static LiveContent Content(int edited)
    {
        ImmutableArray<ContextNode> files = [.. Enumerable.Range(0, 100_000).Select(i => i == 50_000 ? File(i, edited) : Shared[i])];
        var flat = new ContextNode.Directory("flat", 0x1ED, 0, files);
        return new LiveContent(ImmutableSortedDictionary<ImageName, ContextSnapshot>.Empty.Add(new ImageName("app"), new ContextSnapshot("/project/app", new ContextNode.Directory("", 0x1ED, 0, [flat]))));
    }

    private static readonly ContextNode[] Shared = [.. Enumerable.Range(0, 100_000).Select(i => (ContextNode)File(i, 0))];

    private static ContextNode.File File(int number, int content) => new($"f{number:000000}", 0x1A4, 0, 1, ContentHash.Of([(byte)content]));

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
