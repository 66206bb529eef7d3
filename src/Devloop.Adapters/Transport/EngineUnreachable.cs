using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Transport;

/// <summary>Says that no connection to the Docker Engine could be made, and why (DL5001).</summary>
internal static class EngineUnreachable
{
    /// <param name="why">A few words that end the sentence that it cannot be reached.</param>
    public static EngineUnreachableException Because(EngineAddress address, string why, string help, Exception? inner = null) =>
        new(Diagnostic.Error(DiagnosticCode.EngineUnreachable, $"the Docker Engine at `{address}` cannot be reached: {why}") with { Help = help }, inner);

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
