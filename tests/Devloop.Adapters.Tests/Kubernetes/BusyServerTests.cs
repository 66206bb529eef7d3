using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Kubernetes;
using Devloop.Ports;
using Devloop.Testing;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>What a server does under load, during an upgrade, or when it is newer than the one of the tests.</summary>
public sealed class BusyServerTests
{
    private const string Kinds = """{"kind": "APIResourceList", "groupVersion": "v1", "resources": [{"name": "configmaps", "kind": "ConfigMap", "namespaced": true, "verbs": ["get"]}]}""";
    private const string Item = """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default", "uid": "1", "resourceVersion": "5"}}""";

    private static readonly ObjectReference Wanted = new(new ObjectKind("v1", "ConfigMap"), null, "a");

    [Theory]
    [InlineData(429, 3)]
    [InlineData(503, 3)]
    [InlineData(500, 2)]
    [InlineData(504, 2)]
    public async Task A_server_that_is_busy_is_asked_again(int status, int times)
    {
        int left = times;
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) => context.Request.Path == "/api/v1" ? StubApiServer.JsonAsync(context, 200, Kinds)
            : left-- > 0 ? StubApiServer.RefuseAsync(context, status, "", "the server is busy") : StubApiServer.JsonAsync(context, 200, Item));
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        (await cluster.GetAsync(Wanted, Soon())).ShouldNotBeNull();
        server.Asked.Count(a => a.Contains("configmaps", StringComparison.Ordinal)).ShouldBe(times + 1);
    }

    [Fact]
    public async Task A_hundred_calls_at_once_are_all_on_their_way_before_the_first_is_answered()
    {
        const int Many = 100;
        int waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StubApiServer server = await StubApiServer.StartAsync(async (context, _) =>
        {
            if (context.Request.Path != "/api/v1")
            {
                if (Interlocked.Increment(ref waiting) == Many)
                    all.SetResult();
                await all.Task.WaitAsync(context.RequestAborted);
            }
            await StubApiServer.JsonAsync(context, 200, context.Request.Path == "/api/v1" ? Kinds : Item);
        });
        // The clock stands still: a client that held itself back would wait for ever.
        using KubernetesCluster cluster = server.Connect(new FakeClock());
        JsonObject?[] got = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => cluster.GetAsync(Wanted, Soon())));
        got.ShouldAllBe(g => g != null);
    }

    [Fact]
    public async Task The_time_that_a_server_asks_for_is_waited()
    {
        bool refused = false;
        var clock = new FakeClock();
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) =>
        {
            if (context.Request.Path == "/api/v1" || refused)
                return StubApiServer.JsonAsync(context, 200, context.Request.Path == "/api/v1" ? Kinds : Item);
            refused = true;
            context.Response.Headers.RetryAfter = "7";
            return StubApiServer.RefuseAsync(context, 429, "TooManyRequests", "too many requests");
        });
        using KubernetesCluster cluster = server.Connect(clock);
        Task<JsonObject?> asking = cluster.GetAsync(Wanted, Soon());
        await clock.UntilTimersAsync(1, TimeSpan.FromSeconds(8));
        clock.Advance(TimeSpan.FromSeconds(7) - TimeSpan.FromMilliseconds(1));
        server.Asked.Count(a => a.Contains("configmaps", StringComparison.Ordinal)).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        (await asking).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_server_that_goes_on_failing_is_told_in_its_own_words()
    {
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) => context.Request.Path == "/api/v1" ? StubApiServer.JsonAsync(context, 200, Kinds)
            : StubApiServer.RefuseAsync(context, 500, "InternalError", "failed calling webhook: connection refused"));
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        ClusterException failed = await Should.ThrowAsync<ClusterException>(cluster.GetAsync(Wanted, Soon()));
        (failed.Status, failed.Message).ShouldBe((500, "failed calling webhook: connection refused"));
        server.Asked.Count(a => a.Contains("configmaps", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public async Task A_refusal_that_stays_is_not_repeated()
    {
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) => context.Request.Path == "/api/v1" ? StubApiServer.JsonAsync(context, 200, Kinds)
            : StubApiServer.RefuseAsync(context, 403, "Forbidden", "no"));
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        (await Should.ThrowAsync<ClusterException>(cluster.GetAsync(Wanted, Soon()))).Status.ShouldBe(403);
        server.Asked.Count(a => a.Contains("configmaps", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    // In the answer itself, and in the middle of a watch.
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_that_the_server_has_forgotten_leads_to_a_new_list_and_tells_what_vanished(bool atOnce)
    {
        int lists = 0, watches = 0;
        await using StubApiServer server = await StubApiServer.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/api/v1")
                await StubApiServer.JsonAsync(context, 200, Kinds);
            else if (!context.Request.QueryString.Value!.Contains("watch=true", StringComparison.Ordinal))
                await StubApiServer.JsonAsync(context, 200, ++lists == 1 ? List("5", "gone", "kept") : List("9", "kept"));
            else if (++watches > 1)
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            else if (atOnce)
                await StubApiServer.RefuseAsync(context, 410, "Expired", "too old resource version: 5 (8)");
            else
                await context.Response.WriteAsync("""{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 5 (8)"}}""" + "\n");
        });
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        var told = new List<string>();
        await foreach (WatchNotice notice in cluster.WatchAsync(Wanted.Kind, "default", null, Soon()))
        {
            told.Add(notice switch
            {
                WatchNotice.Present p => "present " + p.Object["metadata"]!["name"],
                WatchNotice.Gone g => "gone " + g.Object["metadata"]!["name"],
                _ => notice.GetType().Name,
            });
            if (notice is WatchNotice.Gone)
                break;
        }
        told.ShouldBe(["present gone", "present kept", "Synced", "present kept", "gone gone"]);
    }

    [Fact]
    public async Task A_watch_goes_on_from_the_version_of_the_last_bookmark()
    {
        int watches = 0;
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using StubApiServer server = await StubApiServer.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/api/v1")
            {
                await StubApiServer.JsonAsync(context, 200, Kinds);
            }
            else if (!context.Request.QueryString.Value!.Contains("watch=true", StringComparison.Ordinal))
            {
                await StubApiServer.JsonAsync(context, 200, List("5"));
            }
            else if (++watches == 1)
            {
                await context.Response.WriteAsync("""{"type": "BOOKMARK", "object": {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"resourceVersion": "77"}}}""" + "\n");
            }
            else
            {
                second.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
        });
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        using var stop = new CancellationTokenSource();
        Task watching = Task.Run(async () =>
        {
            await foreach (WatchNotice _ in cluster.WatchAsync(Wanted.Kind, "default", null, stop.Token))
            {
                // Nothing but its going on matters here.
            }
        });
        await second.Task.WaitAsync(Soon());
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(watching);
        string[] asked = [.. server.Asked.Where(a => a.Contains("watch=true", StringComparison.Ordinal))];
        asked[0].ShouldContain("resourceVersion=5");
        asked[0].ShouldContain("allowWatchBookmarks=true");
        asked[1].ShouldContain("resourceVersion=77");
        server.Asked.Count(a => a.Contains("limit=", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_newer_server_is_told_where_the_input_of_a_command_ends()
    {
        await using StubApiServer server = await StubApiServer.StartAsync(async (context, _) =>
        {
            context.WebSockets.WebSocketRequestedProtocols.ShouldBe(["v5.channel.k8s.io", "v4.channel.k8s.io"]);
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("v5.channel.k8s.io");
            var (buffer, input) = (new byte[64], new List<byte>());
            while (true)
            {
                ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (buffer[0] == 255)
                    break;
                input.AddRange(buffer[1..result.Count]);
            }
            buffer[1].ShouldBe((byte)0);
            await socket.SendAsync((byte[])[1, .. Encoding.UTF8.GetBytes("got "), .. input], WebSocketMessageType.Binary, true, context.RequestAborted);
            await socket.SendAsync((byte[])[3, .. """{"status": "Failure", "reason": "NonZeroExitCode", "message": "exit code 3", "details": {"causes": [{"reason": "ExitCode", "message": "3"}]}}"""u8], WebSocketMessageType.Binary, true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
        });
        using KubernetesCluster cluster = server.Connect(TimeProvider.System);
        var output = new StringBuilder();
        var order = new ExecOrder("default", "p", "c", ["cat", "a b"]) { Input = new MemoryStream("all of it"u8.ToArray()), Output = (bytes, _) => output.Append(Encoding.UTF8.GetString(bytes.Span)) };
        (await cluster.ExecAsync(order, Soon())).ExitCode.ShouldBe(3);
        output.ToString().ShouldBe("got all of it");
        server.Asked.ShouldHaveSingleItem().ShouldBe("GET /api/v1/namespaces/default/pods/p/exec?container=c&command=cat&command=a%20b&stdin=true&stdout=true&stderr=true");
    }

    private static string List(string version, params string[] names) => new JsonObject
    {
        ["kind"] = "ConfigMapList",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = version },
        ["items"] = new JsonArray([.. names.Select(n => (JsonNode)new JsonObject { ["metadata"] = new JsonObject { ["name"] = n, ["namespace"] = "default", ["uid"] = n, ["resourceVersion"] = version } })]),
    }.ToJsonString();

    private static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
}
