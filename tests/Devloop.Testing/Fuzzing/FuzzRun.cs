using System.Diagnostics;

namespace Devloop.Testing.Fuzzing;

/// <summary>What a fuzz run found: the text that broke something, and how.</summary>
public sealed record FuzzFinding(string Target, long Iteration, string Text, string Problem)
{
    public override string ToString() => $"{Target}, iteration {Iteration}: {Problem}\n{System.Text.Json.JsonSerializer.Serialize(Text)}";
}

/// <summary>
/// Feeds mutated texts to a reader. A text on which it takes longer than any honest work could is a finding too: the thread cannot be
/// stopped then, so the run ends there.
/// </summary>
public static class FuzzRun
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static FuzzFinding? Run(FuzzTarget target, long iterations, int seed)
    {
        var mutator = new TextMutator(target, seed);
        FuzzFinding? found = null;
        (long Iteration, string Text, long Since) current = default;
        var access = new Lock();
        var worker = new Thread(() =>
        {
            for (long i = 0; i < iterations && found is null; i++)
            {
                string text = mutator.Next();
                lock (access)
                    current = (i, text, Stopwatch.GetTimestamp());
                try
                {
                    target.Check(text);
                }
                catch (Exception e)
                {
                    found = new FuzzFinding(target.Name, i, text, e.ToString());
                }
            }
        })
        { IsBackground = true };
        worker.Start();
        while (!worker.Join(Look))
        {
            lock (access)
            {
                if (current.Text is not null && Stopwatch.GetElapsedTime(current.Since) > Hang)
                    return new FuzzFinding(target.Name, current.Iteration, current.Text, "it does not come to an end");
            }
        }
        return found;
    }
}
