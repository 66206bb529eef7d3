using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every image store does, whether an engine or a registry has the images.</summary>
public abstract class ImageStoreContract
{
    private readonly string _name = "where-store-" + Guid.NewGuid().ToString("N")[..12];

    protected abstract IImageStore Store { get; }

    /// <summary>Puts an image there as a build does: without a tag.</summary>
    /// <param name="repository">Where a tag will be asked for.</param>
    /// <param name="variable">The value of <c>VARIABLE</c> in its config.</param>
    protected abstract Task<ImageDigest> PutAsync(ImageReference repository, string variable);

    [Fact]
    public async Task An_image_is_found_by_its_content_tag_once_it_has_it()
    {
        ImageDigest digest = await PutAsync(Repository, "a");
        ImageReference tagged = Tagged(digest);
        (await Store.FindAsync(tagged.Familiar, default)).ShouldBeNull();

        (await Store.TagAsync(digest, tagged, default)).ShouldBeTrue();

        (await Store.FindAsync(tagged.Familiar, default)).ShouldBe(digest);
        (await Store.FindAsync(digest.Value, default)).ShouldBe(digest);
    }

    [Fact]
    public async Task A_tag_may_be_given_again()
    {
        ImageDigest digest = await PutAsync(Repository, "a");

        (await Store.TagAsync(digest, Tagged(digest), default)).ShouldBeTrue();
        (await Store.TagAsync(digest, Tagged(digest), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_described_or_tagged()
    {
        var digest = new ImageDigest("sha256:" + new string('0', 64));

        (await Store.FindAsync(digest.Value, default)).ShouldBeNull();
        (await Store.FindAsync(Tagged(digest).Familiar, default)).ShouldBeNull();
        (await Store.DescribeAsync(Tagged(digest).Familiar, default)).ShouldBeNull();
        (await Store.TagAsync(digest, Tagged(digest), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_description_holds_the_variables()
    {
        ImageDigest digest = await PutAsync(Repository, "b=c");
        (await Store.TagAsync(digest, Tagged(digest), default)).ShouldBeTrue();

        BaseImage described = (await Store.DescribeAsync(Tagged(digest).Familiar, default)).ShouldNotBeNull();

        described.Environment.ShouldContainKeyAndValue("VARIABLE", "b=c");
    }

    [Fact]
    public async Task What_is_tagged_can_be_pushed_and_pulled()
    {
        ImageDigest digest = await PutAsync(Repository, "d");
        (await Store.TagAsync(digest, Tagged(digest), default)).ShouldBeTrue();

        (await Store.PushAsync(Tagged(digest), new RecordedProgress(), default)).ShouldBeOfType<PushOutcome.Pushed>().ManifestDigest.ShouldStartWith("sha256:");
        (await Store.PullAsync(Tagged(digest), new RecordedProgress(), default)).ShouldBe(new PullOutcome.Pulled());
    }

    [Fact]
    public async Task What_is_not_there_is_neither_pushed_nor_pulled()
    {
        ImageReference nothing = Tagged(new ImageDigest("sha256:" + new string('0', 64)));

        (await Store.PushAsync(nothing, new RecordedProgress(), default)).ShouldBeOfType<PushOutcome.Failed>().Why.Code.ShouldBe(DiagnosticCode.PushFailed);
        (await Store.PullAsync(nothing, new RecordedProgress(), default)).ShouldBeOfType<PullOutcome.Failed>().Why.Code.ShouldBe(DiagnosticCode.PullFailed);
    }

    protected ImageReference Repository =>
        ImageReference.TryParse($"{TestEngine.Registry}/devloop/{_name}", out ImageReference? reference) ? reference : throw new InvalidOperationException();

    private ImageReference Tagged(ImageDigest digest) => Repository.WithTag(ContentTag.Of(digest).Value);
}
