using System.Globalization;
using Devloop.Testing.Fuzzing;

namespace Devloop.Bench;

/// <summary>A long fuzz run on all cores: the iterations of each target are shared out, each core with a seed of its own.</summary>
internal static class FuzzBench
{
    public static int Run(string name, long iterations, int seed)
    {
        FuzzTarget[] targets = [.. FuzzTarget.All.Where(t => name == "all" || t.Name == name)];
        if (targets.Length == 0)
        {
            Console.Error.WriteLine($"no target `{name}`; the targets are {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}, all");
            return 2;
        }
        int cores = Environment.ProcessorCount;
        bool found = false;
        foreach (FuzzTarget target in targets)
        {
            FuzzFinding[] findings = [.. Enumerable.Range(0, cores).AsParallel().WithDegreeOfParallelism(cores)
                .Select(core => FuzzRun.Run(target, iterations / cores, seed + (core * 1_000_003))).OfType<FuzzFinding>()];
            foreach (FuzzFinding finding in findings)
                Console.WriteLine(finding);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {iterations} iterations from seed {seed}, {findings.Length} findings"));
            found |= findings.Length > 0;
        }
        return found ? 1 : 0;
    }
}
