using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Bench;

/// <summary>How long it takes to know what one edit leads to in a large project, all in memory: the engine's step, and `plan --changed`.</summary>
internal static class GraphBench
{
    private const int Rounds = 200;

    public static int Run(int images, int dependencies)
    {
        ResolvedProject project = FakeWork.Load(Project(images, dependencies)).Value!;
        EngineState settled = Settled(project);
        var edit = new EngineEvent.FilesChanged(["i0/src/main.txt"], Overflow: false);
        int affected = project.Graph.WithChildren([new ImageName("i0")]).Length;
        int edges = project.Images.Sum(i => i.Bases.Length);
        Console.WriteLine($"{images} images, {edges} dependencies, {affected} of them affected by the edit; p50 of {Rounds}");
        Console.WriteLine($"engine's step after the edit   {Median(() => Transition.Step(settled, edit)):0.00} ms");
        Console.WriteLine($"plan --changed, read project   {Median(() => EditForecast.Of(project, edit.Paths)):0.00} ms");
        return 0;
    }

    /// <summary>Each image stands on some of those before it.</summary>
    private static FakeFileTree Project(int images, int dependencies)
    {
        var random = new Random(1);
        var files = new FakeFileTree();
        var config = new StringBuilder("version: 1\nname: large\nimages:\n");
        for (int i = 0; i < images; i++)
        {
            config.Append(CultureInfo.InvariantCulture, $"  i{i}: {{context: i{i}}}\n");
            int[] bases = [.. Enumerable.Range(0, i == 0 ? 0 : Math.Max(1, dependencies / images)).Select(_ => random.Next(i)).Distinct()];
            string from = bases.Length == 0 ? "scratch" : $"i{bases[0]}";
            files.Write($"i{i}/Dockerfile", $"FROM {from}\n{string.Concat(bases.Skip(1).Select(b => $"COPY --from=i{b} /src /i{b}\n"))}COPY src /src\n");
            files.Write($"i{i}/src/main.txt", "1");
        }
        return files.Write("devloop.yaml", config.ToString());
    }

    private static EngineState Settled(ResolvedProject project)
    {
        var state = EngineState.Initial(project, new RunOptions { Mode = RunMode.BuildOnly });
        var events = new Queue<EngineEvent>([new EngineEvent.Started()]);
        while (events.TryDequeue(out EngineEvent? happened))
        {
            (state, ImmutableArray<EngineEffect> effects) = Transition.Step(state, happened);
            foreach (EngineEffect.TakeFingerprint look in effects.OfType<EngineEffect.TakeFingerprint>())
            {
                var key = new ContentKey(FakeWork.Digest(look.Image.Name.Value).Hex);
                var fingerprint = new Fingerprint(look.Image, key, new InputReading(ContextSnapshot.Empty, look.Image.Filter, look.Image.Filter), look.Bases);
                events.Enqueue(new EngineEvent.Fingerprinted(look.Work, look.Image.Name, fingerprint, new KnownImage(FakeWork.Digest(look.Image.Name.Value), InEngine: true, Published: false)));
            }
        }
        return state;
    }

    private static double Median(Action action)
    {
        double[] times = new double[Rounds];
        for (int i = -20; i < Rounds; i++)
        {
            long began = Stopwatch.GetTimestamp();
            action();
            if (i >= 0)
                times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[Rounds / 2];
    }
}
