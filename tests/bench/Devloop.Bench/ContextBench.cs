using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Devloop.Adapters.Files;
using Devloop.Dockerfiles;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Bench;

/// <summary>
/// What a content key costs over a large context: the first, with nothing remembered; again in the same process; in a new process; and after
/// one edit. Goes the way that the command goes: project, filter, reader, key.
/// </summary>
internal sealed class ContextBench(int files, int directories, int bytes)
{
    /// <summary>The command of a process of the bench.</summary>
    public const string Part = "context-part";

    private const int Edits = 20;

    public async Task<int> RunAsync()
    {
        string directory = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
        try
        {
            Write(directory);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"machine: {Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}; {files} files of {bytes} bytes in {directories} directories"));
            foreach (string part in new[] { "first", "again" })
            {
                // Each in a process of its own, so that memory is counted from the start.
                var info = new ProcessStartInfo(Environment.ProcessPath!, [Part, part, directory]);
                using Process process = Process.Start(info) ?? throw new InvalidOperationException("the part did not start");
                await process.WaitForExitAsync().ConfigureAwait(false);
                if (process.ExitCode != 0)
                    return process.ExitCode;
            }
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>One process of the bench.</summary>
    public static async Task<int> RunPartAsync(string part, string directory)
    {
        string context = Path.Combine(directory, "context");
        var tree = new FileTree(context);
        ImageDefinition image = ProjectLoader.Load(tree, "devloop.yaml", ImmutableDictionary<string, string>.Empty, new BuildPlatform("linux", "amd64")).Value!.Images[0];
        var contexts = new ContextReader(TimeProvider.System, new HashStore(Path.Combine(directory, "cache"), TimeProvider.System));
        await using (contexts.ConfigureAwait(false))
        {
            var reader = new InputReader(contexts, tree.Root);
            Console.WriteLine($"in a process whose hashes are {(part == "first" ? "not known" : "on disk")}:");
            (KnownInputs known, string key) = await KeyAsync("  key", reader, image, null).ConfigureAwait(false);
            (known, string again) = await KeyAsync("  key again", reader, image, null).ConfigureAwait(false);
            if (key != again)
                throw new InvalidOperationException("the key changed");
            Figure("  files read", contexts.FilesRead.ToString(CultureInfo.InvariantCulture));
            var took = new List<double>();
            for (int edit = 0; edit < Edits; edit++)
            {
                string file = string.Create(CultureInfo.InvariantCulture, $"d{edit * 31 % 1000}/f1.txt");
                await File.WriteAllTextAsync(Path.Combine(context, file), Guid.NewGuid().ToString()).ConfigureAwait(false);
                long began = Stopwatch.GetTimestamp();
                (known, string next) = await ReadAsync(reader, image, known.With([file])).ConfigureAwait(false);
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                if (next == key)
                    throw new InvalidOperationException("the key did not change");
                key = next;
            }
            Figure("  key after one edit, p50", string.Create(CultureInfo.InvariantCulture, $"{took.Order().ElementAt(Edits / 2):0.00} ms"));
        }
        Figure("  peak memory", string.Create(CultureInfo.InvariantCulture, $"{PeakKilobytes() / 1024} MB"));
        return 0;
    }

    private static async Task<(KnownInputs Known, string Key)> KeyAsync(string name, InputReader reader, ImageDefinition image, KnownInputs? known)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan busy = Environment.CpuUsage.TotalTime;
        (KnownInputs, string) read = await ReadAsync(reader, image, known).ConfigureAwait(false);
        Figure(name, string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.000} s   {(Environment.CpuUsage.TotalTime - busy).TotalSeconds:0.000} s of processors"));
        return read;
    }

    private static async Task<(KnownInputs Known, string Key)> ReadAsync(InputReader reader, ImageDefinition image, KnownInputs? known)
    {
        (InputReading? inputs, ContextReading.Unreadable? unreadable) = await reader.ReadAsync(image, known, CancellationToken.None).ConfigureAwait(false);
        if (inputs is null)
            throw new InvalidOperationException(unreadable!.ToString());
        var bases = ImmutableDictionary<Model.ImageName, Model.ImageDigest>.Empty;
        return (KnownInputs.Of(inputs), ContentKeys.Of(image, inputs.Snapshot, bases, ImmutableDictionary<string, string>.Empty).Value);
    }

    private void Write(string directory)
    {
        string context = Path.Combine(directory, "context");
        Directory.CreateDirectory(context);
        File.WriteAllText(Path.Combine(context, "devloop.yaml"), "version: 1\nimages:\n  app: {context: .}\n");
        File.WriteAllText(Path.Combine(context, "Dockerfile"), "FROM scratch\nCOPY . /app\n");
        File.WriteAllText(Path.Combine(context, ".dockerignore"), ".git\n**/*.log\nnode_modules\n!d1/keep.log\n");
        byte[] content = new byte[bytes];
        var random = new Random(1);
        for (int d = 0; d < directories; d++)
        {
            string below = Path.Combine(context, string.Create(CultureInfo.InvariantCulture, $"d{d}"));
            Directory.CreateDirectory(below);
            for (int f = 0; f < files / directories; f++)
            {
                random.NextBytes(content);
                File.WriteAllBytes(Path.Combine(below, string.Create(CultureInfo.InvariantCulture, $"f{f}.txt")), content);
            }
        }
    }

    private static void Figure(string name, string value) => Console.WriteLine($"{name,-28}{value,12}");

    private static long PeakKilobytes() => long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
