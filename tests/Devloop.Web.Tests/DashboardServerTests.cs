using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Devloop.Engine;
using Devloop.Testing.Recorded;

namespace Devloop.Web.Tests;

public sealed class DashboardServerTests : IAsyncLifetime, IDisposable
{
    private DashboardServer _server = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _server = (await DashboardServer.StartAsync(new DashboardOptions(0, "cluster kind-dev"), GivenRun.Begun(), CancellationToken.None)).ShouldNotBeNull();
        _browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{_server.Port}") };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _browser.Dispose();

    [Theory]
    [InlineData("/")]
    [InlineData("/api/state")]
    [InlineData("/api/events")]
    [InlineData("/nowhere")]
    public async Task Nothing_is_shown_without_the_token(string path)
    {
        using HttpResponseMessage answer = await _browser.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("the address that `devloop up` prints at its start opens the dashboard\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?token=")]
    [InlineData("?token=00000000000000000000000000000000")]
    [InlineData("?token=é")]
    public async Task A_wrong_token_opens_nothing(string query) =>
        (await StatusAsync("/api/state" + query)).ShouldBe(HttpStatusCode.Unauthorized);

    [Fact]
    public async Task The_printed_address_becomes_a_cookie_and_the_page()
    {
        using HttpResponseMessage first = await _browser.GetAsync(_server.Address);
        first.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        first.Headers.Location!.ToString().ShouldBe("/");
        string cookie = first.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldContain("samesite=strict", Case.Insensitive);
        cookie.ShouldContain("httponly", Case.Insensitive);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using HttpResponseMessage page = await _browser.SendAsync(request);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        string html = await page.Content.ReadAsStringAsync();
        html.ShouldContain("EventSource(\"/api/events\")");
        html.ShouldContain("\"project\":\"shop\"");
        html.ShouldNotContain("NONCE", Case.Sensitive);
        page.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldStartWith("default-src 'none'; script-src 'nonce-");
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost.evil.example:PORT")]
    public async Task A_foreign_host_is_refused_even_with_the_token(string host) =>
        (await StatusAsync(WithToken("/api/state"), r => r.Headers.Host = host.Replace("PORT", $"{_server.Port}", StringComparison.Ordinal))).ShouldBe(HttpStatusCode.Forbidden);

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://127.0.0.1:PORT")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("null")]
    public async Task A_foreign_origin_is_refused_even_with_the_token(string origin) =>
        (await StatusAsync(WithToken("/api/state"), r => r.Headers.Add("Origin", origin.Replace("PORT", $"{_server.Port}", StringComparison.Ordinal)))).ShouldBe(HttpStatusCode.Forbidden);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task Its_own_names_and_origin_are_let_in(string name) =>
        (await StatusAsync(WithToken("/api/state"), r =>
        {
            r.Headers.Host = $"{name}:{_server.Port}";
            r.Headers.Add("Origin", $"http://{name}:{_server.Port}");
        })).ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task Tools_may_send_the_token_as_a_header() =>
        (await StatusAsync("/api/state", r => r.Headers.Add("Authorization", "Bearer " + _server.Token))).ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task It_only_shows() => (await StatusAsync(WithToken("/api/state"), r => r.Method = HttpMethod.Post)).ShouldBe(HttpStatusCode.MethodNotAllowed);

    [Fact]
    public async Task A_build_shows_its_steps_how_far_they_are_and_how_long_they_took()
    {
        _server.Show(GivenRun.Begun().Failed("base", RecordedBuild.Steps("pulled", TimeSpan.FromSeconds(1.3))));
        (await StepsAsync()).ShouldBe(["1/3 stage-1 running  62%"]);
        _server.Show(GivenRun.Begun().Failed("base", RecordedBuild.Steps("failed")));
        (await StepsAsync()).ShouldBe(["1/2 slow cached 0.018 %", "2/3 stage-1 failed 0.914 %", "2/2 slow stopped 0 %"]);
        _server.Show(GivenRun.Begun().Failed("base", RecordedBuild.Steps("pulled", TimeSpan.FromSeconds(1.06))));
        (await StepsAsync())[^1].ShouldBe("/  running  1%", "the context is on its way");
    }

    private async Task<string[]> StepsAsync()
    {
        JsonElement state = JsonDocument.Parse(await _browser.GetStringAsync(WithToken("/api/state"))).RootElement;
        return [.. state.GetProperty("images")[0].GetProperty("steps").EnumerateArray().Select(s =>
            $"{s.GetProperty("number")}/{s.GetProperty("of")} {s.GetProperty("stage")} {s.GetProperty("outcome")} {s.GetProperty("seconds")} {s.GetProperty("percent")}%")];
    }

    [Fact]
    public async Task The_state_names_images_bottom_up_and_resources_in_snake_case()
    {
        JsonElement state = JsonDocument.Parse(await _browser.GetStringAsync(WithToken("/api/state"))).RootElement;
        state.GetProperty("project").GetString().ShouldBe("shop");
        state.GetProperty("target").GetString().ShouldBe("cluster kind-dev");
        state.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("image").GetString()).ShouldBe(["base", "app"]);
        JsonElement app = state.GetProperty("images")[1];
        app.GetProperty("state").GetString().ShouldBe("waiting");
        app.GetProperty("hold").GetString().ShouldBe("waits for base");
        app.GetProperty("bases")[0].GetString().ShouldBe("base");
        app.GetProperty("tag").ValueKind.ShouldBe(JsonValueKind.Null);
        app.GetProperty("reasons")[0].GetProperty("text").GetString().ShouldBe("first build");
        JsonElement resource = state.GetProperty("resources").EnumerateArray().ShouldHaveSingleItem();
        resource.GetProperty("status").GetString().ShouldBe("pending");
        resource.GetProperty("depends_on").GetArrayLength().ShouldBe(0);
        resource.GetProperty("urls")[0].GetString().ShouldBe("http://localhost:8080");
        resource.GetProperty("links")[0].GetString().ShouldBe("https://example.com/runbook");
        resource.GetProperty("hold").GetString().ShouldBe("waits for image app");
    }

    [Fact]
    public async Task Events_give_the_state_at_once_and_again_when_it_changes()
    {
        using var stream = new StreamReader(await _browser.GetStreamAsync(WithToken("/api/events")));
        (await ReadEventAsync(stream)).GetProperty("problems").GetArrayLength().ShouldBe(0);
        _server.Show(GivenRun.Begun().ConfigBroken("unknown key `imags`"));
        JsonElement problem = (await ReadEventAsync(stream)).GetProperty("problems")[0];
        problem.GetProperty("code").GetString().ShouldBe("DL1003");
        problem.GetProperty("message").GetString().ShouldBe("unknown key `imags`");
    }

    [Fact]
    public async Task The_same_picture_is_sent_once()
    {
        using var stream = new StreamReader(await _browser.GetStreamAsync(WithToken("/api/events")));
        await ReadEventAsync(stream);
        _server.Show(GivenRun.Begun());
        _server.Show(GivenRun.Begun().ConfigBroken("newer"));
        (await ReadEventAsync(stream)).GetProperty("problems")[0].GetProperty("message").GetString().ShouldBe("newer");
    }

    [Fact]
    public async Task The_end_of_a_run_ends_the_streams()
    {
        DashboardServer server = (await DashboardServer.StartAsync(new DashboardOptions(0, ""), GivenRun.Begun(), CancellationToken.None)).ShouldNotBeNull();
        using var stream = new StreamReader(await _browser.GetStreamAsync(new Uri($"http://127.0.0.1:{server.Port}/api/events?token={server.Token}")));
        await ReadEventAsync(stream);
        await server.DisposeAsync();
        (await stream.ReadLineAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_busy_port_gives_way_to_a_later_one()
    {
        await using DashboardServer second = (await DashboardServer.StartAsync(new DashboardOptions(_server.Port, ""), GivenRun.Begun(), CancellationToken.None)).ShouldNotBeNull();
        second.Port.ShouldBeGreaterThan(_server.Port);
        second.Token.ShouldNotBe(_server.Token);
    }

    [Fact]
    public async Task Nobody_is_heard_beside_loopback()
    {
        foreach (IPAddress address in (await Dns.GetHostAddressesAsync(Dns.GetHostName())).Where(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            (await Should.ThrowAsync<SocketException>(async () => await socket.ConnectAsync(address, _server.Port))).SocketErrorCode.ShouldBe(SocketError.ConnectionRefused);
        }
        _server.Address.Host.ShouldBe("127.0.0.1");
    }

    private string WithToken(string path) => $"{path}?token={_server.Token}";

    private async Task<HttpStatusCode> StatusAsync(string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change?.Invoke(request);
        using HttpResponseMessage answer = await _browser.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>The next event of a stream; fails when none comes.</summary>
    private static async Task<JsonElement> ReadEventAsync(StreamReader stream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (await stream.ReadLineAsync(patience.Token)).ShouldBe("event: state");
        string data = (await stream.ReadLineAsync(patience.Token)).ShouldNotBeNull();
        (await stream.ReadLineAsync(patience.Token)).ShouldBe("");
        return JsonDocument.Parse(data["data: ".Length..]).RootElement;
    }
}
