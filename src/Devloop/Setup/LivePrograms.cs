using Devloop.Adapters.Files;
using Devloop.Planning;
using Devloop.Planning.Live;

namespace Devloop.Cli.Setup;

/// <summary>The program that pods get for live updates, as the adapters bring it.</summary>
internal static class LivePrograms
{
    /// <param name="delivery">How images get to the nodes; null when these run on the engine that builds.</param>
    public static LiveSetup Setup(Delivery? delivery) => new(SharesEngine: delivery is null, Of);

    private static ReadOnlyMemory<byte>? Of(string architecture)
    {
        using Stream? program = typeof(FileWatcher).Assembly.GetManifestResourceStream("helper-" + architecture);
        if (program is null)
            return null;
        byte[] bytes = new byte[program.Length];
        program.ReadExactly(bytes);
        return bytes;
    }
}
