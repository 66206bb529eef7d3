using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Registry;

[Trait("Needs", "Registry")]
public sealed class DistributionRegistryContractTests : RegistryContract, IDisposable
{
    private readonly DistributionRegistry _registry = new(new RegistryCredentials(new DockerConfigFile("/nowhere")), new RegistryOptions(), TimeProvider.System);
    private readonly HttpClient _http = new();

    protected override IRegistry Registry => _registry;

    protected override string Host => TestEngine.Registry;

    private RegistryUpload Upload => new(_http, Host);

    public void Dispose()
    {
        _registry.Dispose();
        _http.Dispose();
    }

    protected override Task<ImageDigest> PutAsync(ImageReference reference, string variable) => Upload.PutAsync(reference, variable);

    protected override Task<IReadOnlyDictionary<string, ImageDigest>> PutIndexAsync(ImageReference reference, params string[] platforms) => Upload.PutIndexAsync(reference, platforms);
}
