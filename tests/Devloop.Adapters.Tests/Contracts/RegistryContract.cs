using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every registry does, a real one behind the adapter and the fake.</summary>
public abstract class RegistryContract
{
    private const string Amd64 = "linux/amd64", Arm64 = "linux/arm64";

    protected abstract IRegistry Registry { get; }

    /// <summary>Such as <c>127.0.0.1:5005</c>.</summary>
    protected abstract string Host { get; }

    /// <summary>Puts an image there that has this variable, and gives its config digest.</summary>
    protected abstract Task<ImageDigest> PutAsync(ImageReference reference, string variable);

    /// <summary>Puts an index of images there, each made different by a variable.</summary>
    protected abstract Task<IReadOnlyDictionary<string, ImageDigest>> PutIndexAsync(ImageReference reference, params string[] platforms);

    [Fact]
    public async Task What_was_never_pushed_is_not_there()
    {
        ImageReference known = Fresh();
        await PutAsync(known, "a");

        (await Registry.FindAsync(Fresh(), Amd64, default)).ShouldBeNull();
        (await Registry.FindAsync(known.WithTag("other"), Amd64, default)).ShouldBeNull();
        (await Registry.FindAsync(known with { Tag = null, Digest = "sha256:" + new string('0', 64) }, Amd64, default)).ShouldBeNull();
        (await Registry.ReadConfigAsync(known.WithTag("other"), Amd64, default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_image_is_found_by_its_tag_and_by_what_the_registry_calls_it()
    {
        ImageReference reference = Fresh();
        ImageDigest pushed = await PutAsync(reference, "a");

        RegistryImage found = (await Registry.FindAsync(reference, Amd64, default)).ShouldNotBeNull();

        found.Digest.ShouldBe(pushed);
        found.ManifestDigest.ShouldStartWith("sha256:");
        (await Registry.FindAsync(reference with { Tag = null, Digest = found.ManifestDigest }, Amd64, default)).ShouldBe(found);
        (await Registry.FindAsync(reference, Arm64, default)).ShouldBe(found, "an image that is in no index is for whoever asks");
    }

    [Fact]
    public async Task The_config_says_what_a_build_on_the_image_depends_on()
    {
        ImageReference reference = Fresh();
        await PutAsync(reference, "value=with=equals");

        BaseImage config = (await Registry.ReadConfigAsync(reference, Amd64, default)).ShouldNotBeNull();

        config.Environment.ShouldBe(new Dictionary<string, string> { ["VARIABLE"] = "value=with=equals" }, ignoreOrder: true);
        config.OnBuild.ShouldBe(["RUN true"]);
    }

    [Fact]
    public async Task Of_an_index_the_image_of_the_platform_counts()
    {
        ImageReference reference = Fresh();
        IReadOnlyDictionary<string, ImageDigest> images = await PutIndexAsync(reference, Amd64, Arm64);

        RegistryImage amd = (await Registry.FindAsync(reference, Amd64, default)).ShouldNotBeNull();
        RegistryImage arm = (await Registry.FindAsync(reference, Arm64, default)).ShouldNotBeNull();

        (amd.Digest, arm.Digest).ShouldBe((images[Amd64], images[Arm64]));
        arm.ManifestDigest.ShouldBe(amd.ManifestDigest, "both are in the index that the reference names");
        (await Registry.FindAsync(reference, "linux/riscv64", default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_image_gets_one_more_tag_and_stays_what_it_is()
    {
        ImageReference reference = Fresh();
        await PutAsync(reference, "a");
        RegistryImage image = (await Registry.FindAsync(reference, Amd64, default)).ShouldNotBeNull();

        (await Registry.TagAsync(reference, image, "more", default)).ShouldBeTrue();

        (await Registry.FindAsync(reference.WithTag("more"), Amd64, default)).ShouldBe(image);
        (await Registry.FindAsync(reference, Amd64, default)).ShouldBe(image);
    }

    [Fact]
    public async Task A_tag_that_exists_is_moved_or_kept_and_the_answer_says_which()
    {
        ImageReference reference = Fresh();
        await PutAsync(reference, "a");
        RegistryImage first = (await Registry.FindAsync(reference, Amd64, default)).ShouldNotBeNull();
        await PutAsync(reference.WithTag("second"), "b");
        RegistryImage second = (await Registry.FindAsync(reference.WithTag("second"), Amd64, default)).ShouldNotBeNull();

        bool moved = await Registry.TagAsync(reference, second, reference.Tag!, default);

        (await Registry.FindAsync(reference, Amd64, default)).ShouldBe(moved ? second : first);
    }

    [Fact]
    public async Task What_the_registry_does_not_have_gets_no_tag()
    {
        ImageReference reference = Fresh();
        await PutAsync(reference, "a");
        var unknown = new RegistryImage("sha256:" + new string('0', 64), "application/vnd.docker.distribution.manifest.v2+json", new ImageDigest("sha256:" + new string('1', 64)));

        RegistryException refused = await Should.ThrowAsync<RegistryException>(() => Registry.TagAsync(reference, unknown, "more", default));

        refused.Diagnostic.Message.ShouldContain(Host);
        (await Registry.FindAsync(reference.WithTag("more"), Amd64, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Manifests_are_listed_with_all_their_tags_and_go_with_them()
    {
        ImageReference reference = Fresh();
        ImageDigest digest = await PutAsync(reference, "a");
        ImageDigest other = await PutAsync(reference.WithTag("other"), "b");
        RegistryImage image = (await Registry.FindAsync(reference, Amd64, default)).ShouldNotBeNull();
        await Registry.TagAsync(reference, image, "more", default);

        (await Cleaning.ListAsync(reference, default)).Select(m => (string.Join(' ', m.Tags), m.Digest)).ShouldBe([("first more", digest), ("other", other)], ignoreOrder: true);

        (await Cleaning.DeleteAsync(reference, image.ManifestDigest, default)).ShouldBe(RegistryDeletion.Deleted);
        (await Cleaning.DeleteAsync(reference, image.ManifestDigest, default)).ShouldBe(RegistryDeletion.Absent);
        (await Cleaning.ListAsync(reference, default)).ShouldHaveSingleItem().Digest.ShouldBe(other);
        (await Registry.FindAsync(reference.WithTag("more"), Amd64, default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_index_is_listed_as_no_image_and_an_unknown_repository_as_nothing()
    {
        ImageReference reference = Fresh();
        (await Cleaning.ListAsync(reference, default)).ShouldBeEmpty();
        await PutIndexAsync(reference, Amd64, Arm64);

        (await Cleaning.ListAsync(reference, default)).Single(m => m.Tags.Contains("first")).Digest.ShouldBeNull();
    }

    private IRegistryCleaning Cleaning => (IRegistryCleaning)Registry;

    private ImageReference Fresh() =>
        ImageReference.TryParse($"{Host}/devloop/contract-{Guid.NewGuid():N}:first", out ImageReference? reference) ? reference : throw new InvalidOperationException(Host);
}
