using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Says that no connection to a server that builds could be made, and why.</summary>
internal static class EngineUnreachable
{
    /// <param name="why">A few words that end the sentence that it cannot be reached.</param>
    public static EngineUnreachableException Because(ServerKind server, string place, string why, string help, Exception? inner = null) =>
        new(Diagnostic.Error(server.Code, $"{server.Name} at `{place}` cannot be reached: {why}") with { Help = help }, inner);

    /// <summary>The exception itself or the one that it was wrapped in, for HTTP clients wrap what a dial throws; null when it is another.</summary>
    public static EngineUnreachableException? In(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is EngineUnreachableException found)
                return found;
        }
        return null;
    }
}
