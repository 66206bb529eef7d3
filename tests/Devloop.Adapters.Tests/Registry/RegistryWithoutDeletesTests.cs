using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Registry;

/// <summary>Most registries have deletes turned off.</summary>
[Trait("Needs", "Registry")]
public sealed class RegistryWithoutDeletesTests
{
    [Fact]
    public async Task A_registry_that_deletes_nothing_says_so_and_keeps_what_it_has()
    {
        await using OwnRegistry own = await OwnRegistry.StartAsync();
        using var http = new HttpClient();
        using var registry = new DistributionRegistry(new RegistryCredentials(new DockerConfigFile("/nowhere")), new RegistryOptions(), TimeProvider.System);
        ImageReference.TryParse($"{own.Host}/asks/kept:one", out ImageReference? reference).ShouldBeTrue();
        await new RegistryUpload(http, own.Host).PutAsync(reference!, "a");
        string manifest = (await registry.ListAsync(reference!, CancellationToken.None)).ShouldHaveSingleItem().ManifestDigest;

        (await registry.DeleteAsync(reference!, manifest, CancellationToken.None)).ShouldBe(RegistryDeletion.NotSupported);

        (await registry.ListAsync(reference!, CancellationToken.None)).ShouldHaveSingleItem().Tags.ShouldBe(["one"]);
    }
}
