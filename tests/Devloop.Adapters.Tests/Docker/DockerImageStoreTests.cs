using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Docker;

[Trait("Needs", "Engine")]
[Trait("Needs", "Registry")]
public sealed class DockerImageStoreTests(TestEngine engine) : ImageStoreContract, IClassFixture<TestEngine>
{
    protected override IImageStore Store => engine.Store;

    protected override async Task<ImageDigest> PutAsync(ImageReference repository, string variable) => (await engine.Builder.BuildAsync(new BuildOrder
    {
        Image = new ImageName(repository.Path),
        Context = ContextSnapshot.Empty,
        DockerfileName = "Dockerfile",
        DockerfileText = $"FROM scratch\nENV VARIABLE=\"{variable}\"\nWORKDIR /{repository.Path}\n",
    }, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>().Digest;
}
