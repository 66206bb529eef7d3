using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>What containers write is shown from the first line, whoever short they live, and nothing secret with it.</summary>
[Trait("Needs", "Cluster")]
public sealed class LogsTests(LogsTests.Shared shared) : IClassFixture<LogsTests.Shared>
{
    private readonly TestNamespace _namespace = shared.Namespace;

    [Fact]
    public async Task A_container_that_lives_for_a_blink_is_heard_whole()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("blink", i, "for n in 1 2 3; do echo line $n; done"));

        (await LinesAsync(project, "ci")).ShouldBe(["line 1", "line 2", "line 3"]);
    }

    [Fact]
    public async Task Every_container_of_a_pod_is_heard_init_containers_first()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("many", i, "echo main", more:
            $"        - {{name: side, image: {i}, command: [/bin/busybox, echo, side]}}\n      initContainers:\n        - {{name: first, image: {i}, command: [/bin/busybox, echo, first]}}\n        - {{name: second, image: {i}, command: [/bin/busybox, echo, second]}}"));

        string[] lines = await LinesAsync(project, "ci");

        lines.Order(StringComparer.Ordinal).ShouldBe(["first", "main", "second", "side"]);
    }

    [Fact]
    public async Task Each_restart_is_heard_from_its_first_line()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job(
            "restarting", i, "n=$(/bin/busybox cat /kept/n 2>/dev/null || echo 1); echo try $n; echo $((n+1)) > /kept/n; [ $n = 3 ]", backoffLimit: 9, restart: "OnFailure",
            more: "          volumeMounts: [{name: kept, mountPath: /kept}]\n      volumes: [{name: kept, emptyDir: {}}]"));

        (await LinesAsync(project, "ci")).ShouldBe(["try 1", "try 2", "try 3"]);
    }

    [Fact]
    public async Task Ten_thousand_lines_come_whole_and_in_order()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("chatty", i, "/bin/busybox seq 10000"));

        (await LinesAsync(project, "ci")).ShouldBe(Enumerable.Range(1, 10000).Select(n => $"{n}"));
    }

    [Fact]
    public async Task Lines_are_left_out_as_the_config_says()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Job("filtered", i, "echo GET /healthz; echo GET /; echo POST /"), "resources:\n  filtered: {log: {include: [^GET], exclude: [/healthz]}}\n");

        (await LinesAsync(project, "ci")).ShouldBe(["GET /"]);
    }

    [Fact]
    public async Task Values_of_secrets_are_replaced_wherever_they_would_be_shown()
    {
        const string Value = "hunter2-of-this-test";
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => $$"""
            apiVersion: v1
            kind: Secret
            metadata: {name: login}
            stringData: {password: {{Value}}}
            ---
            {{ManifestText.Job("leaky", i, "echo my password is $PASSWORD; exit 1", more: "          envFrom: [{secretRef: {name: login}}]").Replace("$PASSWORD", "$password", StringComparison.Ordinal)}}
            """);

        Ended ended = (await DevloopProcess.RunAsync(project, "ci", "-v")).ShouldExitWith(5);
        ended.Out.ShouldContain("my password is [secret login:password]");
        ended.ShouldSay("│ my password is [secret login:password]");
        (ended.Out + ended.Error).ShouldNotContain(Value);
        await using DevloopProcess machine = DevloopProcess.Start(project, "ci");
        await machine.EndAsync();
        machine.Events.Text().ShouldNotContain(Value);
    }

    [Fact]
    public async Task A_pod_of_a_cron_job_belongs_to_it()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => $$"""
            apiVersion: batch/v1beta1
            kind: CronJob
            metadata: {name: nightly}
            spec:
              schedule: "0 0 1 1 *"
              jobTemplate:
                spec:
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: main, image: {{i}}, command: [/bin/busybox, echo, swept]}]
            """);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();
        string image = (await _namespace.GetAsync("cronjob", "nightly"))["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString();
        string uid = (await _namespace.GetAsync("cronjob", "nightly"))["metadata"]!["uid"]!.ToString();

        await _namespace.ApplyAsync(ManifestText.Job("nightly-1", image, "echo swept").Replace(
            "metadata:\n  name: nightly-1", $"metadata:\n  name: nightly-1\n  ownerReferences: [{{apiVersion: batch/v1beta1, kind: CronJob, name: nightly, uid: {uid}, controller: true}}]", StringComparison.Ordinal));

        (await up.Events.FirstAsync(e => e.Is("log", resource: "nightly"), 0, "the log of the job")).Text("text").ShouldBe("swept");
        await up.StopAsync();
    }

    [Fact]
    public async Task A_warning_of_the_cluster_is_shown()
    {
        await using TestProject project = await TestProject.OfBusyboxAsync(_namespace, i => ManifestText.Deployment("mounting", i, "          volumeMounts: [{name: kept, mountPath: /kept}]") + "\n      volumes: [{name: kept, configMap: {name: not-there}}]\n");
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");

        RunEvent warning = await up.SeenAsync("warning", resource: "mounting");

        warning.Text("reason").ShouldBe("FailedMount");
        warning.Text("text")!.ShouldContain("configmap \"not-there\" not found");
        await up.StopAsync();
    }

    /// <summary>What the containers wrote, in the order it was told, by a run that succeeds.</summary>
    private static async Task<string[]> LinesAsync(TestProject project, string command)
    {
        await using DevloopProcess run = DevloopProcess.Start(project, command);
        (await run.EndAsync()).ShouldBe(0, run.Errors);
        return [.. run.Events.All.Where(e => e.Is("log") && e.Resource is not null).Select(e => e.Text("text")!)];
    }

    /// <summary>One namespace for all: each test's workload has a name of its own.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TestNamespace Namespace { get; private set; } = null!;

        public async Task InitializeAsync() => Namespace = await TestNamespace.CreateAsync();

        public async Task DisposeAsync() => await Namespace.DisposeAsync();
    }
}
