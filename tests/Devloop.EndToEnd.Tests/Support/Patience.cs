namespace Devloop.EndToEnd.Tests.Support;

/// <summary>How long a test waits for something that has to come. Generous: a busy machine is slow, a wrong program never comes.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public static CancellationToken Ends() => new CancellationTokenSource(Limit).Token;
}
