using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class PruningTests
{
    private static readonly ImageName Api = new("api");

    [Theory]
    [InlineData(3, "d3 d2 d1")]
    [InlineData(1, "d3")]
    [InlineData(0, "")]
    [InlineData(9, "d4 d3 d2 d1 d0")]
    public void The_newest_of_each_image_stay(int keep, string kept)
    {
        PruneCandidate[] all = [.. new[] { 1, 0, 3, 2 }.Select(n => Candidate("d" + n, n))];
        if (keep == 9)
            all = [.. all, Candidate("d4", 4)];

        Kept(all, keep).ShouldBe(kept.Split(' ', StringSplitOptions.RemoveEmptyEntries), ignoreOrder: true);
    }

    [Fact]
    public void Each_image_has_a_newest_of_its_own() =>
        Kept([Candidate("a", 5), Candidate("b", 4), Candidate("c", 1) with { Image = new ImageName("other") }], 1).ShouldBe(["a", "c"], ignoreOrder: true);

    [Fact]
    public void What_is_needed_stays_however_old_and_says_why()
    {
        PruneCandidate[] all = [Candidate("new", 9), Candidate("used", 1) with { IsUsed = true }, Candidate("named", 2), Candidate("current", 3), Candidate("ageless", null), Candidate("old", 4)];
        var facts = new PruneFacts([FakeWork.Digest("current")], [ContentTag.Of(FakeWork.Digest("named")).Value]);

        Pruning.Decide(all, 1, facts).ToDictionary(d => d.Candidate.Digest, d => d.Kept).ShouldBe(new Dictionary<ImageDigest, string?>
        {
            [FakeWork.Digest("new")] = "the newest",
            [FakeWork.Digest("used")] = "a container uses it",
            [FakeWork.Digest("named")] = "the cluster names it",
            [FakeWork.Digest("current")] = "the config leads to it now",
            [FakeWork.Digest("ageless")] = "its age is not known",
            [FakeWork.Digest("old")] = null,
        }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("api:{tag}", "api:{tag}")]
    [InlineData("api:{tag} api:v1", "api:{tag}")]
    [InlineData("reg.io/team/api:{tag} other:5000/team/api:{tag}", "other:5000/team/api:{tag} reg.io/team/api:{tag}")]
    [InlineData("api:v1", null)]
    [InlineData("api:devloop-0123456789abcdef", null)]
    [InlineData("other:{tag}", null)]
    [InlineData("elsewhere.io/api:{tag}", null)]
    public void Only_content_tags_of_the_very_image_in_the_projects_repositories_are_looked_at(string names, string? looked)
    {
        ImageDigest digest = FakeWork.Digest("x");
        var content = new EngineContent([new StoredImage(digest, [.. names.Split(' ').Select(n => Reference(n, digest))], 1, IsUsed: false)], 0, 0);

        ImmutableArray<PruneCandidate> found = Pruning.InEngine([new ImageTarget { Name = Api, Selector = new ImageSelector(Reference("api", digest)), Context = "." }], new RegistrySettings("reg.io/team", "other:5000/team"), content);

        if (looked is null)
            found.ShouldBeEmpty();
        else
            found.ShouldHaveSingleItem().Names.Select(n => n.Familiar).Order().ShouldBe(looked.Split(' ').Select(l => Reference(l, digest).Familiar));
    }

    [Theory]
    [InlineData("{tag}", true)]
    [InlineData("{tag} devloop-key-0123456789abcdef0123456789abcdef", true)]
    [InlineData("devloop-claim-0123456789abcdef0123456789abcdef {tag}", true)]
    [InlineData("{tag} latest", false)]
    [InlineData("{tag} devloop-key-mine", false)]
    [InlineData("devloop-0123456789abcdef", false)]
    public void A_manifest_goes_only_when_all_its_tags_are_devloops(string tags, bool looked)
    {
        ImageDigest digest = FakeWork.Digest("x");
        var manifest = new StoredManifest("sha256:m", [.. tags.Split(' ').Select(t => t.Replace("{tag}", ContentTag.Of(digest).Value, StringComparison.Ordinal))], digest, null);

        Pruning.InRegistry(Api, Reference("reg.io/api", digest), [manifest, manifest with { Digest = null }]).Length.ShouldBe(looked ? 1 : 0);
    }

    private static string[] Kept(IEnumerable<PruneCandidate> all, int keep)
    {
        var names = all.ToDictionary(c => c.Digest, c => c.Names[0].Path.Split('/')[^1]);
        return [.. Pruning.Decide(all, keep, new PruneFacts([], [])).Where(d => d.Kept is not null).Select(d => names[d.Candidate.Digest])];
    }

    private static PruneCandidate Candidate(string name, int? age) =>
        new(Api, FakeWork.Digest(name), [Reference(name, default)], age is { } days ? DateTimeOffset.UnixEpoch.AddYears(50).AddDays(days) : null, 1, IsUsed: false);

    private static ImageReference Reference(string text, ImageDigest digest) =>
        ImageReference.TryParse(text.Contains("{tag}", StringComparison.Ordinal) ? text.Replace("{tag}", ContentTag.Of(digest).Value, StringComparison.Ordinal) : text, out ImageReference? reference) ? reference : throw new ArgumentException(text);
}
