using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Devloop.Bench;

/// <summary>
/// What one changed object among many costs beside the cluster's own time, and what a loop costs while it looks on at many pods. The pods
/// are real to the API server and run nowhere: no scheduler takes them.
/// </summary>
internal sealed class ClusterBench(string devloop, int objects, int pods, int rounds)
{
    private const string Namespace = "devloop-bench-cluster";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    public async Task<int> RunAsync()
    {
        string directory = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
        string kubeconfig = await File.ReadAllTextAsync(Environment.GetEnvironmentVariable("KUBECONFIG")!).ConfigureAwait(false);
        await using CountingApi api = await CountingApi.StartAsync(Between(kubeconfig, "server: \"", "\""), Between(kubeconfig, "token: ", "}")).ConfigureAwait(false);
        string context = Between(kubeconfig, "current-context: ", "\n");
        using var cluster = BenchCluster.Connect(Namespace);
        await cluster.CreateNamespaceAsync().ConfigureAwait(false);
        try
        {
            string own = Path.Combine(directory, "kubeconfig");
            await File.WriteAllTextAsync(own, $"{{clusters: [{{name: c, cluster: {{server: \"{api.Address}\"}}}}], contexts: [{{name: {context}, context: {{cluster: c}}}}], current-context: {context}}}").ConfigureAwait(false);
            Environment.SetEnvironmentVariable("KUBECONFIG", own);
            Console.WriteLine($"machine: {Environment.ProcessorCount} processors, load {(await File.ReadAllTextAsync("/proc/loadavg").ConfigureAwait(false)).Split(' ')[0]}");
            await ChangeOneAsync(Path.Combine(directory, "objects"), context, api).ConfigureAwait(false);
            await LookOnAsync(Path.Combine(directory, "pods"), context, api).ConfigureAwait(false);
        }
        finally
        {
            await cluster.DeleteNamespaceAsync().ConfigureAwait(false);
            Directory.Delete(directory, recursive: true);
        }
        return 0;
    }

    /// <summary>One ConfigMap of many is edited; each stands in a file of its own.</summary>
    private async Task ChangeOneAsync(string project, string context, CountingApi api)
    {
        Directory.CreateDirectory(Path.Combine(project, "k8s"));
        await ConfigAsync(project, context).ConfigureAwait(false);
        for (int i = 0; i < objects; i++)
            await File.WriteAllTextAsync(Path.Combine(project, "k8s", $"{i}.yaml"), ConfigMap(i, "first")).ConfigureAwait(false);
        await using var up = DevloopProcess.Start(devloop, project, "up", "--no-web", "--output", "json");
        await up.NextAsync("ready", _ => true, Patience).ConfigureAwait(false);
        var whole = new List<double>();
        var own = new List<double>();
        var calls = new List<string>();
        for (int round = -2; round < rounds; round++)
        {
            await Task.Delay(200).ConfigureAwait(false);
            api.Take();
            DateTime saved = DateTime.UtcNow;
            await File.WriteAllTextAsync(Path.Combine(project, "k8s", "7.yaml"), ConfigMap(7, Guid.NewGuid().ToString("N"))).ConfigureAwait(false);
            JsonElement done = await up.NextAsync("deploy_finished", _ => true, Patience).ConfigureAwait(false);
            if (round < 0)
                continue;
            double took = (done.GetProperty("time").GetDateTime() - saved).TotalMilliseconds;
            IReadOnlyList<ApiCall> asked = api.Take();
            whole.Add(took);
            own.Add(took - asked.Sum(c => c.Took.TotalMilliseconds));
            calls.Add(string.Join(" ", asked.GroupBy(c => c.Method).Select(g => $"{g.Count()} {g.Key}")));
        }
        Console.WriteLine($"1 of {objects} objects changed, p50 of {rounds}: save to applied {Median(whole):0} ms, of which not the cluster's {Median(own):0} ms; calls: {string.Join(", ", calls.Distinct())}");
    }

    private async Task LookOnAsync(string project, string context, CountingApi api)
    {
        Directory.CreateDirectory(Path.Combine(project, "k8s"));
        await ConfigAsync(project, context).ConfigureAwait(false);
        string manifest = Path.Combine(project, "k8s", "app.yaml");
        await File.WriteAllTextAsync(manifest, Deployment(0)).ConfigureAwait(false);
        await using var up = DevloopProcess.Start(devloop, project, "up", "--no-web", "--output", "json");
        await up.NextAsync("ready", _ => true, Patience).ConfigureAwait(false);
        (double idleCpu, double idleMemory) = await RestAsync(up.Id).ConfigureAwait(false);
        long before = api.Bytes;
        await File.WriteAllTextAsync(manifest, Deployment(pods)).ConfigureAwait(false);
        using var seen = BenchCluster.Connect(Namespace);
        await seen.PodsAsync(pods).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(3)).ConfigureAwait(false);
        (double cpu, double memory) = await RestAsync(up.Id).ConfigureAwait(false);
        Console.WriteLine($"idle: {idleCpu:0.00} % of a processor, {idleMemory:0.0} MB");
        Console.WriteLine($"looking on at {pods} pods: {cpu:0.00} % of a processor, {memory:0.0} MB, {memory - idleMemory:0.0} MB more; the watches brought {(api.Bytes - before) / 1e6:0.0} MB, {(api.Bytes - before) / 1000.0 / pods:0.0} KB a pod");
    }

    private static async Task ConfigAsync(string project, string context) => await File.WriteAllTextAsync(Path.Combine(project, "devloop.yaml"),
        $"version: 1\nname: bench-{Path.GetFileName(project)}\ncluster: {{namespace: {Namespace}, allow_contexts: [{context}]}}\nmanifests: [k8s]\n").ConfigureAwait(false);

    private static string ConfigMap(int number, string value)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata:\n"));
        for (int line = 0; line < 10; line++)
            text.Append(CultureInfo.InvariantCulture, $"  key{line}: a value of an ordinary length, {value}\n");
        return text.ToString();
    }

    private static string Deployment(int replicas) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: many}
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: many} }
          template:
            metadata: {labels: {app: many} }
            spec:
              schedulerName: nobody
              containers:
                - {name: main, image: "local/pause:1", env: [{name: A, value: b}], resources: {limits: {memory: 64Mi} } }
                - {name: side, image: "local/pause:1"}

        """);

    /// <summary>Percent of a processor and resident megabytes over a while in which nothing happens.</summary>
    private static async Task<(double Cpu, double Memory)> RestAsync(int process)
    {
        double before = CpuSeconds(process);
        await Task.Delay(Idle).ConfigureAwait(false);
        double used = CpuSeconds(process) - before;
        string status = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).ConfigureAwait(false);
        return (used / Idle.TotalSeconds * 100, double.Parse(Between(status, "VmRSS:", " kB").Trim(), CultureInfo.InvariantCulture) / 1000);
    }

    /// <summary>User and system time; proc(5), <c>/proc/pid/stat</c>, fields 14 and 15, in hundredths.</summary>
    private static double CpuSeconds(int process)
    {
        string stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Between(string text, string before, string after)
    {
        int at = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        int end = text.IndexOf(after, at, StringComparison.Ordinal);
        return (end < 0 ? text[at..] : text[at..end]).Trim();
    }
}
