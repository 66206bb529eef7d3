using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Opens connections to one server as plain byte streams.</summary>
public interface IDialer
{
    /// <summary>What the server is, for messages.</summary>
    ServerKind Server { get; }

    /// <summary>Where it is, as the user writes it.</summary>
    string Place { get; }

    /// <summary>
    /// A new connection. Throws <see cref="EngineUnreachableException"/>. Some refusals come only with the first answer: reading then throws
    /// an <see cref="IOException"/> with that exception in it.
    /// </summary>
    ValueTask<Stream> DialAsync(CancellationToken cancellationToken);
}

/// <summary>What messages say of a kind of server.</summary>
/// <param name="Code">Of <see cref="DiagnosticCode"/>: it cannot be reached.</param>
/// <param name="Name">Such as <c>the Docker Engine</c>.</param>
/// <param name="StartHelp">How it is started and named.</param>
/// <param name="LostHelp">Why a connection to it may have been lost.</param>
/// <param name="SpaceHelp">What shows who takes the space on its disk, and gives some back.</param>
public sealed record ServerKind(string Code, string Name, string StartHelp, string LostHelp, string SpaceHelp)
{
    public static ServerKind Engine { get; } = new(DiagnosticCode.EngineUnreachable, "the Docker Engine",
        "the engine is started with `systemctl start docker`, or by opening Docker Desktop; `DOCKER_HOST` names another one",
        "the engine stopped or was restarted; its log says why: `journalctl -u docker`",
        "`docker system df` shows what takes the space; `docker builder prune` and `docker image prune` give some back");

    public static ServerKind BuildKit { get; } = new(DiagnosticCode.BuilderUnreachable, "BuildKit",
        "`builder.address` in the config, else `BUILDKIT_HOST`, names where buildkitd listens; it must run and be reachable",
        "buildkitd stopped or was restarted; its log says why",
        "`buildctl du` shows what takes the space; `buildctl prune` gives some back");
}

internal static class Dialing
{
    /// <summary>Says that a server cannot be reached.</summary>
    /// <param name="why">A few words that end the sentence that it cannot be reached.</param>
    /// <param name="help">Null is how the server is started.</param>
    public static EngineUnreachableException Unreachable(this IDialer dialer, string why, string? help = null, Exception? inner = null) =>
        EngineUnreachable.Because(dialer.Server, dialer.Place, why, help ?? dialer.Server.StartHelp, inner);
}
