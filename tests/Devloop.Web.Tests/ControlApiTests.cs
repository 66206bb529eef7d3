using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Session;

namespace Devloop.Web.Tests;

/// <summary>The part of the API that changes a run. What it tells is taken by the engine's own rule, without a world.</summary>
public sealed class ControlApiTests : IAsyncLifetime, IDisposable
{
    private readonly Channel<EngineEvent> _told = Channel.CreateUnbounded<EngineEvent>();
    private readonly RunControl _control = new(new LogStore(TimeProvider.System));
    private EngineState _state = GivenRun.Begun();
    private DashboardServer _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = (await DashboardServer.StartAsync(new DashboardOptions(0, "") { Control = _control }, _state, CancellationToken.None)).ShouldNotBeNull();
        _control.Attach(Take);
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri($"http://127.0.0.1:{_server.Port}") };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _client.Dispose();

    public static TheoryData<string> Changes => ["trigger", "pause", "resume", "enable", "disable", "stop"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Nobody_changes_anything_without_the_token(string change)
    {
        (await SendAsync(change, "{}", _ => { })).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await SendAsync(change, "{}", r => r.Headers.Add("Authorization", "Bearer 00000000000000000000000000000000"))).Status.ShouldBe(HttpStatusCode.Unauthorized);
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_token_in_the_address_changes_nothing(string change)
    {
        (await SendAsync($"{change}?token={_server.Token}", "{}", _ => { })).Status.ShouldBe(HttpStatusCode.Forbidden);
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task The_cookie_alone_changes_nothing_since_other_pages_of_this_machine_share_it(string change)
    {
        (await SendAsync(change, "{}", r => r.Headers.Add("Cookie", $"devloop-{_server.Port}={_server.Token}"))).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(change, "{}", r =>
        {
            r.Headers.Add("Cookie", $"devloop-{_server.Port}={_server.Token}");
            r.Headers.Add("Origin", "http://localhost:1");
        })).Status.ShouldBe(HttpStatusCode.Forbidden);
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_foreign_host_or_origin_changes_nothing_even_with_the_token(string change)
    {
        (await SendAsync(change, "{}", r =>
        {
            Authorize(r);
            r.Headers.Host = "evil.example";
        })).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(change, "{}", r =>
        {
            Authorize(r);
            r.Headers.Add("Origin", "http://evil.example");
        })).Status.ShouldBe(HttpStatusCode.Forbidden);
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task No_GET_changes_anything(string change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/" + change);
        Authorize(request);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["POST"]);
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_form_is_refused() =>
        (await SendAsync("pause", "", r =>
        {
            Authorize(r);
            r.Content = new StringContent("{}", Encoding.UTF8, "text/plain");
        })).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"name\": \"app\"}")]
    [InlineData("{\"names\": \"app\"}")]
    [InlineData("{\"names\": [1]}")]
    [InlineData("{\"names\": [null]}")]
    [InlineData("null")]
    public async Task What_is_no_request_is_refused(string body) => (await ChangeAsync("trigger", body)).Status.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_body_without_end_is_cut_off() =>
        (await ChangeAsync("trigger", $"{{\"names\": [\"{new string('x', 300 << 10)}\"]}}")).Status.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task The_page_changes_with_its_cookie_and_its_own_origin() =>
        (await SendAsync("pause", "{}", r =>
        {
            r.Headers.Add("Cookie", $"devloop-{_server.Port}={_server.Token}");
            r.Headers.Add("Origin", $"http://127.0.0.1:{_server.Port}");
        })).Status.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task Pausing_and_going_on_are_answered_once_they_are_so()
    {
        (await ChangeAsync("pause", "{}")).Status.ShouldBe(HttpStatusCode.OK);
        (await StateAsync()).GetProperty("paused").GetBoolean().ShouldBeTrue();
        (await ChangeAsync("resume", "{}")).Status.ShouldBe(HttpStatusCode.OK);
        (await StateAsync()).GetProperty("paused").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_name_means_the_image_and_the_resource_of_that_name()
    {
        (HttpStatusCode status, JsonElement view) = await ChangeAsync("trigger", "{\"names\": [\"app\"], \"no_cache\": true}");
        status.ShouldBe(HttpStatusCode.OK);
        Texts(view, "images").ShouldBe(["app"]);
        Texts(view, "resources").ShouldBe(["app"]);
        (await _told.Reader.ReadAsync()).ShouldBeOfType<EngineEvent.TriggerRequested>().NoCache.ShouldBeTrue();
    }

    [Fact]
    public async Task An_unknown_name_is_answered_with_the_nearest_and_changes_nothing()
    {
        (HttpStatusCode status, JsonElement view) = await ChangeAsync("trigger", "{\"names\": [\"bas\"]}");
        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        JsonElement diagnostic = view.GetProperty("diagnostics")[0];
        diagnostic.GetProperty("code").GetString().ShouldBe("DL1012");
        diagnostic.GetProperty("help").GetString()!.ShouldContain("`base`");
        (await ChangeAsync("disable", "{\"names\": [\"base\"]}")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity, "an image is not switched off");
        _told.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Disabling_is_answered_when_the_objects_are_gone_and_a_trigger_is_refused_then()
    {
        Task<(HttpStatusCode Status, JsonElement View)> disabling = ChangeAsync("disable", "{\"names\": [\"app\"]}");
        (await _told.Reader.ReadAsync()).ShouldBeOfType<EngineEvent.Disabled>();
        (await StatusOfAppAsync()).ShouldBe("removing");
        disabling.IsCompleted.ShouldBeFalse();
        Take(new EngineEvent.ResourceRemoved(_state.Resources[new ResourceName("app")].Control.Removing, new ResourceName("app"), []));
        (await disabling).Status.ShouldBe(HttpStatusCode.OK);
        (await StatusOfAppAsync()).ShouldBe("disabled");

        (HttpStatusCode status, JsonElement view) = await ChangeAsync("trigger", "{\"names\": [\"app\"]}");
        status.ShouldBe(HttpStatusCode.Conflict);
        view.GetProperty("diagnostics")[0].GetProperty("code").GetString().ShouldBe("DL1050");

        (await ChangeAsync("enable", "{\"names\": [\"app\"]}")).Status.ShouldBe(HttpStatusCode.OK);
        (await StatusOfAppAsync()).ShouldBe("pending");
    }

    [Fact]
    public async Task Stopping_is_answered_and_told()
    {
        (await ChangeAsync("stop", "{\"down\": true}")).Status.ShouldBe(HttpStatusCode.OK);
        (await _told.Reader.ReadAsync()).ShouldBeOfType<EngineEvent.StopRequested>();
        _control.DownAsked.ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_asked_for_before_the_run_listens_waits_for_it()
    {
        var control = new RunControl(new LogStore(TimeProvider.System));
        await using DashboardServer server = (await DashboardServer.StartAsync(new DashboardOptions(0, "") { Control = control, HasPage = false }, _state, CancellationToken.None)).ShouldNotBeNull();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.Port}/api/stop") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer " + server.Token);
        (await _client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var told = new TaskCompletionSource<EngineEvent>();
        control.Attach(told.SetResult);
        (await told.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeOfType<EngineEvent.StopRequested>();
        (await _client.GetAsync(server.Address)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "it has no page");
    }

    [Fact]
    public async Task Logs_come_as_lines_of_json_with_the_builds_of_what_a_resource_runs()
    {
        _control.Logs.AddBuild(new ImageName("base"), "of the base");
        _control.Logs.AddBuild(new ImageName("app"), "of the app's build");
        _control.Logs.AddContainer(new ResourceName("app"), "app-1", "main", "grüße \"<&\" \u0007");
        string[] lines = (await GetAsync("/api/logs?name=app")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("text").GetString()).ShouldBe(["of the app's build", "grüße \"<&\" \u0007"]);
        JsonElement line = JsonDocument.Parse(lines[1]).RootElement;
        line.GetProperty("type").GetString().ShouldBe("log");
        line.GetProperty("resource").GetString().ShouldBe("app");
        line.GetProperty("pod").GetString().ShouldBe("app-1");
        line.TryGetProperty("image", out _).ShouldBeFalse();
        lines[1].ShouldContain("grüße");
        (await GetAsync("/api/logs?build=true&tail=1")).ShouldContain("of the app's build");
        (await GetAsync("/api/logs?since=3600&name=base")).ShouldContain("of the base");
    }

    [Fact]
    public async Task Logs_are_closed_to_who_does_not_know_the_token()
    {
        (await _client.GetAsync(new Uri("/api/logs", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await SendAsync("logs", "{}", Authorize)).Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task Who_follows_gets_what_comes_until_the_run_ends()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/logs?follow=true");
        Authorize(request);
        using HttpResponseMessage answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        _control.Logs.AddContainer(new ResourceName("app"), "app-1", "main", "hello");
        (await lines.ReadLineAsync()).ShouldNotBeNull().ShouldContain("hello");
        _control.Logs.End();
        (await lines.ReadLineAsync()).ShouldBeNull();
    }

    private void Take(EngineEvent happened)
    {
        lock (_told)
        {
            _state = Transition.Step(_state, happened).Next;
            _server.Show(_state);
        }
        _told.Writer.TryWrite(happened);
    }

    private void Authorize(HttpRequestMessage request) => request.Headers.Add("Authorization", "Bearer " + _server.Token);

    private async Task<(HttpStatusCode Status, JsonElement View)> ChangeAsync(string change, string body)
    {
        (HttpStatusCode status, string text) = await SendAsync(change, body, Authorize);
        return (status, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string change, string body, Action<HttpRequestMessage> with)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/" + change) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        with(request);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        Authorize(request);
        using HttpResponseMessage answer = await _client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<JsonElement> StateAsync() => JsonDocument.Parse(await GetAsync("/api/state")).RootElement;

    private async Task<string?> StatusOfAppAsync() => (await StateAsync()).GetProperty("resources")[0].GetProperty("status").GetString();

    private static string?[] Texts(JsonElement view, string field) => [.. view.GetProperty(field).EnumerateArray().Select(e => e.GetString())];
}
