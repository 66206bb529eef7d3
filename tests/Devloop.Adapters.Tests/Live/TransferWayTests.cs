using Devloop.Ports;
using Devloop.Session.Live;
using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Through the engine, into a container that has no shell and does not run as root.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class EngineTransferTests(LiveCluster test) : TransferContract(test)
{
    protected override ContainerTransfer Transfer => Test.ByEngine;

    protected override Task<ContainerPlace> PlaceAsync() => Test.SharedAsync("engine", () => Test.RunAsync("engine", LiveCluster.Bare, container: c => c["securityContext"] = Json.Parse("""{"runAsUser": 1000}""")));
}

/// <summary>Through the API server by the helper that is mounted, into a container that has no shell.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class MountedTransferTests(LiveCluster test) : TransferContract(test)
{
    protected override ContainerTransfer Transfer => Test.ByPods;

    protected override Task<ContainerPlace> PlaceAsync() => Test.SharedAsync("mounted", () => Test.RunAsync("mounted", LiveCluster.Bare, helper: true));
}

/// <summary>Through the API server by what the image has.</summary>
[Trait("Needs", "Cluster")]
[Collection(LiveCollection.Name)]
public sealed class ImageTarTransferTests(LiveCluster test) : TransferContract(test)
{
    protected override ContainerTransfer Transfer => Test.ByPods;

    protected override Task<ContainerPlace> PlaceAsync() => Test.SharedAsync("tar", () => Test.RunAsync("tar", LiveCluster.Tools, command: ["/bin/sleep", "100000"]));
}
