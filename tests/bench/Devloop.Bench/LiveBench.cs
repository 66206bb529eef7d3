using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Devloop.Bench;

/// <summary>
/// From a save to the new content served by the same pod, with <c>live_update: auto</c>: one file, one file beside 100,000 others, 1,000
/// files at once; and, in the same run, the way by an image and a rollout.
/// </summary>
internal sealed class LiveBench(string devloop, int rounds, int many, int beside)
{
    private const string Namespace = "devloop-bench-live";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<int> RunAsync()
    {
        using var cluster = BenchCluster.Connect(Namespace);
        await cluster.CreateNamespaceAsync().ConfigureAwait(false);
        try
        {
            Console.WriteLine($"machine: {Environment.ProcessorCount} processors, load {(await File.ReadAllTextAsync("/proc/loadavg").ConfigureAwait(false)).Split(' ')[0]}, seconds from save to served, p50 (worst) of {rounds}");
            double[] small = await WithAsync("live_update: auto", 0, OneFileAsync).ConfigureAwait(false);
            Tell("one file", small);
            double[] large = await WithAsync("live_update: auto", beside, OneFileAsync).ConfigureAwait(false);
            Tell($"one file beside {beside}", large);
            double[] thousand = await WithAsync("live_update: auto", 0, ManyFilesAsync).ConfigureAwait(false);
            Tell($"{many} files of 4 KB", thousand);
            double[] image = await WithAsync("", 0, OneFileAsync).ConfigureAwait(false);
            Tell("one file by an image", image);
            Console.WriteLine($"ratios: image to live {Figure(Median(image) / Median(small))}, {beside} files beside to none {Figure(Median(large) / Median(small))}");
        }
        finally
        {
            await cluster.DeleteNamespaceAsync().ConfigureAwait(false);
        }
        return 0;
    }

    private async Task<double[]> WithAsync(string liveUpdate, int files, Func<DevloopProcess, PageWatch, string, Task<double[]>> measure)
    {
        string project = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
        try
        {
            int port = FreePort();
            await WriteAsync(project, port, liveUpdate, files).ConfigureAwait(false);
            await using var up = DevloopProcess.Start(devloop, project, "up", "--no-web", "--output", "json");
            await up.NextAsync("ready", e => e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
            using var page = new PageWatch(port);
            return await measure(up, page, project).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(project, recursive: true);
        }
    }

    private async Task<double[]> OneFileAsync(DevloopProcess up, PageWatch page, string project)
    {
        var seconds = new List<double>();
        // The first edits warm the process up: they are not counted.
        for (int round = -2; round < rounds; round++)
        {
            string content = $"{round} {Guid.NewGuid():N}";
            DateTime saved = DateTime.UtcNow;
            await File.WriteAllTextAsync(Path.Combine(project, "site", "index.html"), content).ConfigureAwait(false);
            double took = (await page.ServesAsync("/index.html", content, Patience).ConfigureAwait(false) - saved).TotalSeconds;
            await up.NextAsync("ready", e => e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
            if (round >= 0)
                seconds.Add(took);
        }
        return [.. seconds];
    }

    private async Task<double[]> ManyFilesAsync(DevloopProcess up, PageWatch page, string project)
    {
        var seconds = new List<double>();
        for (int round = -1; round < Math.Max(3, rounds / 4); round++)
        {
            string content = $"{round} {Guid.NewGuid():N}".PadRight(4096, '.');
            string staged = Path.Combine(project, "staged");
            Directory.CreateDirectory(staged);
            for (int i = 0; i < many; i++)
                await File.WriteAllTextAsync(Path.Combine(staged, $"{i:00000}.txt"), content).ConfigureAwait(false);
            DateTime saved = DateTime.UtcNow;
            Directory.Move(staged, Path.Combine(project, "site", $"many{round}"));
            await page.ServesAsync($"/many{round}/{many - 1:00000}.txt", content, Patience).ConfigureAwait(false);
            JsonElement updated = await up.NextAsync("live_update_finished", _ => true, Patience).ConfigureAwait(false);
            // Until every file is there, not only the last one.
            double took = (updated.GetProperty("time").GetDateTime().ToUniversalTime() - saved).TotalSeconds;
            await up.NextAsync("ready", e => e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
            if (round >= 0)
                seconds.Add(took);
        }
        return [.. seconds];
    }

    private static async Task WriteAsync(string project, int port, string liveUpdate, int files)
    {
        string context = (await File.ReadAllLinesAsync(Environment.GetEnvironmentVariable("KUBECONFIG")!).ConfigureAwait(false))
            .First(l => l.StartsWith("current-context: ", StringComparison.Ordinal))["current-context: ".Length..];
        File.Copy("/bin/busybox", Path.Combine(project, "busybox"));
        Directory.CreateDirectory(Path.Combine(project, "site"));
        await File.WriteAllTextAsync(Path.Combine(project, "site", "index.html"), "first").ConfigureAwait(false);
        for (int i = 0; i < files; i++)
        {
            string directory = Path.Combine(project, "site", "data", (i % 1000).ToString(CultureInfo.InvariantCulture));
            if (i < 1000)
                Directory.CreateDirectory(directory);
            await File.WriteAllTextAsync(Path.Combine(directory, $"{i}.txt"), i.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        }
        await File.WriteAllTextAsync(Path.Combine(project, "Dockerfile"),
            "FROM scratch\nCOPY busybox /bin/busybox\nCOPY site /site\nENTRYPOINT [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/site\"]\n").ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(project, "devloop.yaml"),
            $"version: 1\nname: bench-live\ncluster: {{namespace: {Namespace}, allow_contexts: [{context}]}}\nimages:\n  bench/live: {{context: .{(liveUpdate.Length > 0 ? ", " + liveUpdate : "")}}}\nmanifests: [app.yaml]\nresources:\n  web: {{port_forwards: [\"{port}:8080\"]}}\n").ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(project, "app.yaml"), """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec:
                  dnsPolicy: Default
                  terminationGracePeriodSeconds: 1
                  containers:
                    - {name: main, image: bench/live, readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}}

            """).ConfigureAwait(false);
    }

    private static void Tell(string what, double[] seconds) => Console.WriteLine($"{what,-28}{Figure(Median(seconds)),9} ({Figure(seconds.Max())})");

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static string Figure(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
