using Devloop.Adapters.LiveHelper;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>The program that pods get for live updates, as the adapters bring it.</summary>
internal static class LivePrograms
{
    public static HelperPrograms All { get; } = HelperBinaries.Load();

    /// <param name="delivery">How images get to the nodes; null when these run on the engine that builds.</param>
    public static LiveSetup Setup(Delivery? delivery) => new(SharesEngine: delivery is null, All.For);
}
