using Devloop.Diagnostics;

namespace Devloop.Adapters.Transport;

/// <summary>No connection to the Docker Engine could be made; <see cref="Diagnostic"/> says why (DL5001).</summary>
public sealed class EngineUnreachableException : IOException
{
    public EngineUnreachableException(EngineAddress address, string why, string help, Exception? inner = null)
        : base($"the Docker Engine at {address} cannot be reached: {why}", inner)
    {
        Diagnostic = Diagnostic.Error(DiagnosticCode.EngineUnreachable, $"the Docker Engine at `{address}` cannot be reached: {why}") with { Help = help };
    }

    public Diagnostic Diagnostic { get; }

    /// <summary>The exception itself or the one that it was wrapped in; HttpClient wraps what a dial throws.</summary>
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
