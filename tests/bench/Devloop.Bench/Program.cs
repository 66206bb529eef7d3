using Devloop.Bench;

if (args is not ["loop", ..])
{
    Console.Error.WriteLine("usage: Devloop.Bench loop [--rounds N] [--devloop PATH] [--sample DIRECTORY]");
    return 2;
}
string Option(string name, string otherwise) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
return await new LoopBench(Option("--devloop", "src/Devloop/bin/Release/net10.0/devloop"), Option("--sample", "samples/quickstart"),
    int.Parse(Option("--rounds", "10"), System.Globalization.CultureInfo.InvariantCulture)).RunAsync().ConfigureAwait(false);
