using Devloop.Model;

namespace Devloop.Core.Tests.Model;

public class ImageReferenceTests
{
    private const string Sha = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("alpine", "docker.io/library/alpine", "alpine")]
    [InlineData("alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20")]
    [InlineData("team/api", "docker.io/team/api", "team/api")]
    [InlineData("index.docker.io/alpine", "docker.io/library/alpine", "alpine")]
    [InlineData("localhost/api", "localhost/api", "localhost/api")]
    [InlineData("127.0.0.1:5005/a/b:v1", "127.0.0.1:5005/a/b:v1", "127.0.0.1:5005/a/b:v1")]
    [InlineData("alpine@" + Sha, "docker.io/library/alpine@" + Sha, "alpine@" + Sha)]
    [InlineData("a__b-c--d.e", "docker.io/library/a__b-c--d.e", "a__b-c--d.e")]
    [InlineData("api:5000", "docker.io/library/api:5000", "api:5000")]
    public void References_are_read_as_docker_does(string text, string whole, string familiar)
    {
        ImageReference.TryParse(text, out ImageReference? reference).ShouldBeTrue();
        reference!.ToString().ShouldBe(whole);
        reference.Familiar.ShouldBe(familiar);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("API")]
    [InlineData("a/B")]
    [InlineData("a:")]
    [InlineData("a@sha256:12")]
    [InlineData("-a")]
    [InlineData("a..b")]
    [InlineData("a//b")]
    [InlineData("http://a/b")]
    [InlineData("a b")]
    public void What_the_specification_does_not_allow_is_none(string? text) => ImageReference.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("api", "api", true)]
    [InlineData("api", "api:v2", true)]
    [InlineData("api", "docker.io/library/api@" + Sha, true)]
    [InlineData("api", "team/api", false)]
    [InlineData("api:v2", "api:v2", true)]
    [InlineData("api:v2", "api", false)]
    [InlineData("api:latest", "api", true)]
    [InlineData("api:v2", "api:v2@" + Sha, false)]
    [InlineData("reg.io/api", "api", false)]
    public void A_selector_matches_its_name_or_exactly_its_tag(string selector, string reference, bool matches)
    {
        ImageSelector.TryParse(selector, out ImageSelector? parsed).ShouldBeTrue();
        ImageReference.TryParse(reference, out ImageReference? other).ShouldBeTrue();
        parsed!.Matches(other!).ShouldBe(matches);
    }

    [Fact]
    public void A_selector_has_no_digest() => ImageSelector.TryParse("api@" + Sha, out _).ShouldBeFalse();

    [Fact]
    public void A_content_tag_is_the_prefix_and_16_digits_and_screens_show_8()
    {
        ContentTag tag = ContentTag.Of(new ImageDigest(Sha));
        (tag.Value, tag.Short).ShouldBe(("devloop-0123456789abcdef", "devloop-01234567"));
    }
}
