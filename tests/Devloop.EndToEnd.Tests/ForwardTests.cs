using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Port-forwards of a real `up`: every form, a port that another program holds, a port where nothing listens, and rollouts under load.</summary>
[Trait("Needs", "Cluster")]
public sealed class ForwardTests
{
    private const string Served = "          command: [/bin/busybox, sh, -c, \"echo hello > /index.html; exec /bin/busybox httpd -f -p 8080 -h /\"]\n          ports: [{name: metrics, containerPort: 9090}, {name: http, containerPort: 8080}]";

    [Fact]
    public async Task Every_form_leads_to_the_pod_and_what_leads_nowhere_is_told_once()
    {
        int named = Browser.FreePort(), address = Browser.FreePort(), host = Browser.FreePort(), six = Browser.FreePort(), alone = Browser.FreePort(), wrong = Browser.FreePort();
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TestProject.OfBusyboxAsync(@namespace, i => ManifestText.Deployment("web", i, Served),
            $"resources:\n  web: {{port_forwards: [\"{named}:http\", \"127.0.0.2:{address}:8080\", \"localhost:{host}:http\", \"[::1]:{six}:8080\", {alone}, \"{wrong}:htpt\"]}}\n");
        await using DevloopProcess up = DevloopProcess.StartForPeople(project, "up", "--no-web");

        await up.SaidAsync("Ready web");
        foreach (string place in (string[])[$"127.0.0.1:{named}", $"127.0.0.2:{address}", $"127.0.0.1:{host}", $"[::1]:{host}", $"[::1]:{six}"])
            (await GetAsync(place)).ShouldBe("hello\n", place);
        await up.SaidAsync("a port with a similar name exists: `http`");

        // Leads to 9090, the first port that is declared, where nothing listens.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, alone);
        await up.SaidAsync($"`localhost:{alone}` leads to port 9090 of pod");
        await up.SaidAsync($"the containers declare port 9090 and not {alone}: write `\"{alone}:{alone}\"`");
        up.Errors.Split("DL4021").Length.ShouldBe(2);
        up.Errors.Split("DL4022").Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_port_that_another_program_holds_is_named_with_it_and_taken_when_it_is_free()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        int port = ((IPEndPoint)holder.LocalEndpoint).Port;
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await TestProject.OfBusyboxAsync(@namespace, i => ManifestText.Deployment("web", i, Served), $"resources:\n  web: {{port_forwards: [\"{port}:http\"]}}\n");
        await using DevloopProcess up = DevloopProcess.StartForPeople(project, "up", "--no-web");

        await up.SaidAsync("Ready web");
        await up.SaidAsync(string.Create(CultureInfo.InvariantCulture, $"`127.0.0.1:{port}` is in use"));
        await up.SaidAsync(string.Create(CultureInfo.InvariantCulture, $"(process {Environment.ProcessId})"));
        holder.Stop();
        await up.SaidAsync($"http://localhost:{port} → http");
        (await GetAsync($"127.0.0.1:{port}")).ShouldBe("hello\n");
    }

    [Fact]
    public async Task Requests_of_eight_clients_are_all_answered_while_the_pod_is_replaced()
    {
        int port = Browser.FreePort();
        await using TestNamespace @namespace = await TestNamespace.CreateAsync();
        await using TestProject project = await Quickstart.CreateAsync(@namespace, port);
        await using DevloopProcess up = DevloopProcess.Start(project, "up", "--no-web");
        await up.ReadyAsync();

        using var enough = new CancellationTokenSource();
        var seen = new ConcurrentDictionary<string, int>();
        var failures = new ConcurrentQueue<string>();
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => AskAsync(port, seen, failures, enough.Token))];
        string[] pages = [TestProject.Fresh(), TestProject.Fresh(), TestProject.Fresh()];
        foreach (string page in pages)
        {
            int mark = up.Events.Count;
            project.Write("site/index.html", page);
            await up.SeenAsync("deploy_finished", resource: Quickstart.App, from: mark);
            await up.ReadyAsync(mark);
        }
        await enough.CancelAsync();
        await Task.WhenAll(clients);

        failures.ShouldBeEmpty($"of {seen.Values.Sum()} requests");
        foreach (string page in pages)
            seen.Keys.ShouldContain(page);
        seen.Keys.Count.ShouldBe(pages.Length + 1);
    }

    private static async Task AskAsync(int port, ConcurrentDictionary<string, int> seen, ConcurrentQueue<string> failures, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                seen.AddOrUpdate(await Browser.GetAsync(port, "index.html"), 1, (_, n) => n + 1);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                failures.Enqueue(e.Message + " " + e.InnerException?.Message);
            }
        }
    }

    private static async Task<string> GetAsync(string place)
    {
        using var client = new HttpClient { Timeout = Patience.Limit };
        return await client.GetStringAsync(new Uri($"http://{place}/index.html"));
    }
}
