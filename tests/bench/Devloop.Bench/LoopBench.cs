using System.Globalization;
using System.Text.Json;

namespace Devloop.Bench;

/// <summary>
/// From a save to the new content served, for an edit of the app and for an edit of its base, with the stages between; and beside them, in
/// the same run, what the cluster needs by itself to roll one pod out. Works on a copy of the sample, in a namespace of its own.
/// </summary>
internal sealed class LoopBench(string devloop, string sample, int rounds)
{
    private const string Namespace = "devloop-bench";
    private const string SamplePorts = "3000:8080";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task<int> RunAsync()
    {
        string copy = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
        try
        {
            Copy(sample, copy);
            int port = FreePort();
            string config = Path.Combine(copy, "devloop.yaml");
            string text = await File.ReadAllTextAsync(config).ConfigureAwait(false);
            if (!text.Contains(SamplePorts, StringComparison.Ordinal))
                throw new InvalidOperationException($"{config} has no port forward {SamplePorts}");
            await File.WriteAllTextAsync(config, text.Replace(SamplePorts, $"{port}:8080", StringComparison.Ordinal)).ConfigureAwait(false);
            using var cluster = BenchCluster.Connect(Namespace);
            await cluster.CreateNamespaceAsync().ConfigureAwait(false);
            try
            {
                await using var up = DevloopProcess.Start(devloop, copy, "up", "--output", "json", "-n", Namespace);
                await up.NextAsync("ready", e => e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
                using var page = new PageWatch(port);

                Console.WriteLine($"machine: {Environment.ProcessorCount} processors, load {(await File.ReadAllTextAsync("/proc/loadavg").ConfigureAwait(false)).Split(' ')[0]}, {rounds} rounds, seconds");
                Console.WriteLine($"{"",-16}{"noticed",9}{"planned",9}{"built",9}{"applied",9}{"served",9}{"ready",9}");
                // The first edits warm the process up: they are not counted.
                await MeasureAsync(up, page, copy, "site/bench.txt", "warm", 2).ConfigureAwait(false);
                await MeasureAsync(up, page, copy, "package/banner.txt", "warm", 2).ConfigureAwait(false);
                double[] app = await MeasureAsync(up, page, copy, "site/bench.txt", "app", rounds).ConfigureAwait(false);
                double[] @base = await MeasureAsync(up, page, copy, "package/banner.txt", "base", rounds).ConfigureAwait(false);
                double[] bare = await cluster.BareRolloutsAsync("quickstart-app", rounds).ConfigureAwait(false);
                Console.WriteLine($"{"bare rollout",-16}{"",54}{Figure(Median(bare)),9}");
                Console.WriteLine($"p50 of {rounds}: app edit to served {Figure(Median(app))} s, base edit to served {Figure(Median(@base))} s, "
                    + $"bare rollout to ready {Figure(Median(bare))} s (ratios {Figure(Median(app) / Median(bare))} and {Figure(Median(@base) / Median(bare))})");
            }
            finally
            {
                await cluster.DeleteNamespaceAsync().ConfigureAwait(false);
            }
            return 0;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static async Task<double[]> MeasureAsync(DevloopProcess up, PageWatch page, string copy, string file, string name, int count)
    {
        var served = new List<double>();
        var stages = new List<double[]>();
        for (int round = 0; round < count; round++)
        {
            string content = $"{name} {round} {Guid.NewGuid():N}";
            string url = "/" + Path.GetFileName(file);
            DateTime saved = DateTime.UtcNow;
            await File.WriteAllTextAsync(Path.Combine(copy, file), content).ConfigureAwait(false);
            double seconds = (await page.ServesAsync(url, content, Patience).ConfigureAwait(false) - saved).TotalSeconds;
            JsonElement plan = await up.NextAsync("plan", _ => true, Patience).ConfigureAwait(false);
            JsonElement ready = await up.NextAsync("ready", e => e.GetProperty("applied").GetInt32() > 0 && e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
            double noticed = (plan.GetProperty("time").GetDateTime() - saved).TotalSeconds;
            JsonElement at = ready.GetProperty("stages");
            served.Add(seconds);
            stages.Add([noticed, .. new[] { "planned", "built", "applied" }.Select(s => noticed + at.GetProperty(s).GetDouble()), seconds, noticed + at.GetProperty("ready").GetDouble()]);
        }
        if (name != "warm")
            Console.WriteLine($"{name + " edit",-16}{string.Concat(Enumerable.Range(0, 6).Select(i => $"{Figure(Median([.. stages.Select(s => s[i])])),9}"))}");
        return [.. served];
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Figure(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Copy(string from, string to)
    {
        foreach (string directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        string busybox = Path.Combine(to, "package", "rootfs", "bin", "busybox");
        Directory.CreateDirectory(Path.GetDirectoryName(busybox)!);
        if (!File.Exists(busybox))
            File.Copy("/bin/busybox", busybox);
    }
}
