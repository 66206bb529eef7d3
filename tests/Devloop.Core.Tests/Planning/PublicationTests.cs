using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Core.Tests.Planning;

/// <summary>The protocol in every order that its steps can take.</summary>
public class PublicationTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void In_every_order_of_steps_all_publishers_end_with_one_image_and_an_alias_never_changes(int publishers, bool registryKeepsTags)
    {
        var model = new Model(registryKeepsTags, waitsForClaims: true);
        model.Explore(publishers);
        model.Violations.ShouldBeEmpty();
        model.Ends.ShouldNotBeEmpty();
        model.Ends.Select(e => e[0]).Distinct().Count().ShouldBe(publishers, "each of the publishers may win");
    }

    [Fact]
    public void Without_the_wait_publishers_would_part()
    {
        var model = new Model(registryKeepsTags: false, waitsForClaims: false);
        model.Explore(2);
        model.Violations.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_registry_that_keeps_tags_needs_no_wait()
    {
        var model = new Model(registryKeepsTags: true, waitsForClaims: false);
        model.Explore(3);
        model.Violations.ShouldBeEmpty();
    }

    [Fact]
    public void A_claim_that_a_dead_publisher_left_is_taken_up()
    {
        RegistryImage dead = Image("dead"), own = Image("own");
        PublishStep step = Publication.After(new PublishStep.ReadClaim(), own, dead, TimeSpan.Zero);
        step = Publication.After(step.ShouldBeOfType<PublishStep.Settle>(), own, null, Publication.LeastWait);
        step = Publication.After(step, own, dead, TimeSpan.Zero);
        Publication.After(step, own, null, TimeSpan.Zero).ShouldBe(new PublishStep.WriteAlias(dead));
    }

    [Theory]
    [InlineData(1, 500)]
    [InlineData(125, 500)]
    [InlineData(300, 1200)]
    [InlineData(60_000, 20_000)]
    public void A_claim_settles_longer_the_longer_it_took_to_put_it(int claiming, int wait)
    {
        TimeSpan half = TimeSpan.FromMilliseconds(claiming) / 2;
        PublishStep write = Publication.After(new PublishStep.ReadClaim(), Image("own"), null, half);
        Publication.After(write, Image("own"), Image("own"), half).ShouldBe(new PublishStep.Settle(TimeSpan.FromMilliseconds(wait)));
    }

    private static RegistryImage Image(string name) => new(name, "", new ImageDigest("sha256:" + name));

    /// <summary>The two tags of a key in a registry, and publishers at any of their steps.</summary>
    /// <param name="registryKeepsTags">The registry keeps a tag that exists.</param>
    /// <param name="waitsForClaims">
    /// The protocol's assumption: when a wait is over, no other publisher stands between having found no claim and having put one.
    /// </param>
    private sealed class Model(bool registryKeepsTags, bool waitsForClaims)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public List<string> Violations { get; } = [];

        public List<ImmutableArray<string>> Ends { get; } = [];

        public void Explore(int publishers) =>
            Visit([.. Enumerable.Range(0, publishers).Select(_ => Publication.First)], alias: null, claim: null);

        private void Visit(ImmutableArray<PublishStep> steps, RegistryImage? alias, RegistryImage? claim)
        {
            if (!_seen.Add($"{alias?.ManifestDigest}|{claim?.ManifestDigest}|{string.Join('|', steps)}"))
                return;
            if (steps.All(s => s is PublishStep.Done))
            {
                ImmutableArray<string> ends = [.. steps.Select(s => ((PublishStep.Done)s).Counts.ManifestDigest)];
                Ends.Add(ends);
                if (ends.Distinct().Count() != 1 || ends[0] != alias?.ManifestDigest)
                    Violations.Add($"the publishers end with {string.Join(", ", ends)} and the alias is {alias?.ManifestDigest}");
                return;
            }
            for (int i = 0; i < steps.Length; i++)
            {
                if (steps[i] is PublishStep.Done || (steps[i] is PublishStep.Settle && waitsForClaims && steps.Any(s => s is PublishStep.WriteClaim)))
                    continue;
                (RegistryImage? newAlias, RegistryImage? newClaim, RegistryImage? seen) = Act(steps[i], Image($"{i}"), alias, claim);
                if (alias is not null && newAlias != alias)
                    Violations.Add($"the alias changed from {alias.ManifestDigest} to {newAlias?.ManifestDigest}");
                Visit(steps.SetItem(i, Publication.After(steps[i], Image($"{i}"), seen, TimeSpan.Zero)), newAlias, newClaim);
            }
        }

        private (RegistryImage? Alias, RegistryImage? Claim, RegistryImage? Seen) Act(PublishStep step, RegistryImage own, RegistryImage? alias, RegistryImage? claim) => step switch
        {
            PublishStep.ReadAlias or PublishStep.ReadAliasAgain or PublishStep.ReadLastAlias => (alias, claim, alias),
            PublishStep.ReadClaim or PublishStep.ReadSettledClaim => (alias, claim, claim),
            PublishStep.WriteClaim => registryKeepsTags && claim is not null ? (alias, claim, null) : (alias, own, own),
            PublishStep.WriteAlias s => registryKeepsTags && alias is not null ? (alias, claim, null) : (s.Settled, claim, s.Settled),
            PublishStep.Settle => (alias, claim, null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
