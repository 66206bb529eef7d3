using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

[Trait("Needs", "Registry")]
public sealed class RegistryImageStoreTests : ImageStoreContract, IDisposable
{
    private readonly DistributionRegistry _registry = new(new RegistryCredentials(new DockerConfigFile("/nowhere")), new RegistryOptions(), TimeProvider.System);
    private readonly HttpClient _http = new();
    private readonly RegistryImageStore _store;

    public RegistryImageStoreTests() => _store = NewStore();

    protected override IImageStore Store => _store;

    public void Dispose()
    {
        _registry.Dispose();
        _http.Dispose();
    }

    /// <summary>A registry of Docker's takes uploads under a tag only; the store knows of the image by its digest.</summary>
    protected override async Task<ImageDigest> PutAsync(ImageReference repository, string variable)
    {
        ImageReference pushed = repository.WithTag("pushed");
        await new RegistryUpload(_http, TestEngine.Registry).PutAsync(pushed, variable);
        RegistryImage image = (await _registry.FindAsync(pushed, "linux/amd64", default)).ShouldNotBeNull();
        _store.Add(repository, image);
        return image.Digest;
    }

    [Fact]
    public async Task Another_process_finds_what_has_its_content_tag()
    {
        ImageDigest digest = await PutAsync(Repository, "shared");
        ImageReference tagged = Repository.WithTag(ContentTag.Of(digest).Value);
        (await NewStore().TagAsync(digest, tagged, default)).ShouldBeFalse();
        (await _store.TagAsync(digest, tagged, default)).ShouldBeTrue();

        RegistryImageStore other = NewStore();

        (await other.FindAsync(tagged.Familiar, default)).ShouldBe(digest);
        (await other.TagAsync(digest, tagged, default)).ShouldBeTrue();
        (await other.TagAsync(digest, tagged.WithTag("another"), default)).ShouldBeTrue();
        (await _registry.FindAsync(tagged.WithTag("another"), "linux/amd64", default))!.Digest.ShouldBe(digest);
    }

    [Fact]
    public async Task What_else_the_registry_has_is_not_an_image_of_the_store()
    {
        await PutAsync(Repository, "foreign");

        (await Store.FindAsync(Repository.WithTag("pushed").Familiar, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_told_as_such()
    {
        ImageReference.TryParse("127.0.0.1:1/app:devloop-0000000000000000", out ImageReference? reference).ShouldBeTrue();

        (await Should.ThrowAsync<EngineUnreachableException>(() => Store.FindAsync(reference!.Familiar, default))).Diagnostic.Code.ShouldBe(DiagnosticCode.RegistryUnreachable);
    }

    private RegistryImageStore NewStore() => new(_registry, _ => throw new InvalidOperationException("nobody asks for the builder here"));
}
