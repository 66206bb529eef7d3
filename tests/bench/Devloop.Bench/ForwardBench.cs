using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Devloop.Bench;

/// <summary>The same pod through devloop's port-forward and through kubectl's, in turns: a large file, and small requests each with a connection of its own.</summary>
internal sealed class ForwardBench(string devloop, int megabytes, int requests, int rounds)
{
    private const string Namespace = "devloop-bench-forward";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public async Task<int> RunAsync()
    {
        string project = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
        using var cluster = BenchCluster.Connect(Namespace);
        await cluster.CreateNamespaceAsync().ConfigureAwait(false);
        try
        {
            int port = FreePort(), other = FreePort();
            await WriteAsync(project, port).ConfigureAwait(false);
            await using var up = DevloopProcess.Start(devloop, project, "up", "--no-web", "--output", "json");
            await up.NextAsync("ready", e => e.GetProperty("healthy").GetBoolean(), Patience).ConfigureAwait(false);
            using Process kubectl = Process.Start(new ProcessStartInfo("kubectl", ["--namespace", Namespace, "port-forward", "deployment/web", $"{other}:8080"]) { RedirectStandardOutput = true })!;
            try
            {
                await kubectl.StandardOutput.ReadLineAsync().ConfigureAwait(false);
                Console.WriteLine($"machine: {Environment.ProcessorCount} processors, load {(await File.ReadAllTextAsync("/proc/loadavg").ConfigureAwait(false)).Split(' ')[0]}");
                await CompareAsync(port, other).ConfigureAwait(false);
            }
            finally
            {
                kubectl.Kill();
            }
        }
        finally
        {
            await cluster.DeleteNamespaceAsync().ConfigureAwait(false);
            Directory.Delete(project, recursive: true);
        }
        return 0;
    }

    private async Task CompareAsync(int port, int other)
    {
        var speeds = new Dictionary<int, List<double>> { [port] = [], [other] = [] };
        var waits = new Dictionary<int, List<double>> { [port] = [], [other] = [] };
        for (int round = -1; round < rounds; round++)
        {
            foreach (int each in (int[])[port, other])
            {
                double seconds = (await GetAsync(each, "blob").ConfigureAwait(false)).TotalSeconds;
                if (round >= 0)
                    speeds[each].Add(megabytes / seconds);
            }
        }
        for (int request = 0; request < requests; request++)
        {
            foreach (int each in (int[])[port, other])
                waits[each].Add((await GetAsync(each, "small").ConfigureAwait(false)).TotalMilliseconds);
        }
        foreach ((int each, string name) in (ReadOnlySpan<(int, string)>)[(port, "devloop"), (other, "kubectl")])
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {megabytes} MB at {At(speeds[each], 0.5):0} MB/s (p50 of {rounds}), "
                + $"{requests} small requests p50 {At(waits[each], 0.5):0.0} ms, p95 {At(waits[each], 0.95):0.0} ms"));
        }
    }

    private static async Task<TimeSpan> GetAsync(int port, string file)
    {
        long began = Stopwatch.GetTimestamp();
        using var http = new HttpClient();
        Stream stream = await http.GetStreamAsync(new Uri($"http://127.0.0.1:{port}/{file}")).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
            await stream.CopyToAsync(Stream.Null).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(began);
    }

    private async Task WriteAsync(string project, int port)
    {
        string context = (await File.ReadAllLinesAsync(Environment.GetEnvironmentVariable("KUBECONFIG")!).ConfigureAwait(false))
            .First(l => l.StartsWith("current-context: ", StringComparison.Ordinal))["current-context: ".Length..];
        File.Copy("/bin/busybox", Path.Combine(project, "busybox"));
        await File.WriteAllTextAsync(Path.Combine(project, "Dockerfile"), "FROM scratch\nCOPY busybox /bin/busybox\n").ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(project, "devloop.yaml"),
            $"version: 1\nname: bench-forward\ncluster: {{namespace: {Namespace}, allow_contexts: [{context}]}}\nimages:\n  bench/forward: {{context: .}}\nmanifests: [app.yaml]\nresources:\n  web: {{port_forwards: [\"{port}:8080\"]}}\n").ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(project, "app.yaml"), string.Create(CultureInfo.InvariantCulture, $$"""
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
                    - name: main
                      image: bench/forward
                      command: [/bin/busybox, sh, -c, "B=/bin/busybox; $B mkdir /www; $B dd if=/dev/zero of=/www/blob bs=1M count={{megabytes}}; echo small > /www/small; exec $B httpd -f -p 8080 -h /www"]
                      readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}

            """)).ConfigureAwait(false);
    }

    private static double At(List<double> values, double quantile) => values.Order().ElementAt((int)(values.Count * quantile));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
