using System.Globalization;
using Devloop.Bench;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
int Number(string name, int otherwise) => int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

switch (args)
{
    case ["loop", ..]:
        return await new LoopBench(Option("--devloop", "src/Devloop/bin/Release/net10.0/devloop"), Option("--sample", "samples/quickstart"), Number("--rounds", 10)).RunAsync().ConfigureAwait(false);
    case ["graph", ..]:
        return GraphBench.Run(Number("--images", 1000), Number("--dependencies", 5000));
    case ["context", ..]:
        return await new ContextBench(Number("--files", 100_000), Number("--directories", 1000), Number("--bytes", 4096)).RunAsync().ConfigureAwait(false);
    case [ContextBench.Part, var hashes, var directory]:
        return await ContextBench.RunPartAsync(hashes, directory).ConfigureAwait(false);
    case ["build", ..]:
        var build = new BuildBench(Number("--files", 20_000), Number("--bytes", 5000), Number("--rounds", 10));
        await using (build.ConfigureAwait(false))
            return await build.RunAsync().ConfigureAwait(false);
    case ["cluster", ..]:
        return await new ClusterBench(Option("--devloop", "src/Devloop/bin/Release/net10.0/devloop"), Number("--objects", 500), Number("--pods", 500), Number("--rounds", 10)).RunAsync().ConfigureAwait(false);
    case ["forward", ..]:
        return await new ForwardBench(Option("--devloop", "src/Devloop/bin/Release/net10.0/devloop"), Number("--megabytes", 100), Number("--requests", 200), Number("--rounds", 5)).RunAsync().ConfigureAwait(false);
    case ["live", ..]:
        return await new LiveBench(Option("--devloop", "src/Devloop/bin/Release/net10.0/devloop"), Number("--rounds", 20), Number("--many", 1000), Number("--beside", 100_000)).RunAsync().ConfigureAwait(false);
    case ["dockerfile", ..]:
        return DockerfileBench.Run();
    case ["fuzz", ..]:
        return FuzzBench.Run(Option("--target", "all"), Number("--iterations", 1_000_000), Number("--seed", 1));
    default:
        Console.Error.WriteLine("""
            usage: Devloop.Bench loop [--rounds N] [--devloop PATH] [--sample DIRECTORY]
                   Devloop.Bench graph [--images N] [--dependencies N]
                   Devloop.Bench context [--files N] [--directories N] [--bytes N]
                   Devloop.Bench build [--files N] [--bytes N] [--rounds N]
                   Devloop.Bench cluster [--objects N] [--pods N] [--rounds N] [--devloop PATH]
                   Devloop.Bench forward [--megabytes N] [--requests N] [--rounds N] [--devloop PATH]
                   Devloop.Bench live [--rounds N] [--many N] [--beside N] [--devloop PATH]
                   Devloop.Bench dockerfile
                   Devloop.Bench fuzz [--target dockerfile|ignore|yaml|all] [--iterations N] [--seed S]
            """);
        return 2;
}
