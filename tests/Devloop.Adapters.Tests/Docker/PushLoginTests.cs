using System.Net;
using System.Net.Sockets;
using System.Text;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Docker;

/// <summary>Which login a push carries, seen from an engine's side.</summary>
public sealed class PushLoginTests : IDisposable
{
    private readonly TemporaryDirectory _config = new();
    private readonly HttpListener _listener = new();
    private readonly int _port;

    public PushLoginTests()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        _listener.Prefixes.Add($"http://*:{_port}/");
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Close();
        _config.Dispose();
    }

    [Fact]
    public async Task Without_a_login_the_push_is_anonymous() => (await LoginOfPush("ghcr.io/a/b:1")).ShouldBe("{}");

    [Fact]
    public async Task A_stored_login_is_carried()
    {
        string auth = Convert.ToBase64String(Encoding.UTF8.GetBytes("me:se:cret"));
        _config.Write("config.json", "{\"auths\": {\"ghcr.io\": {\"auth\": \"" + auth + "\"}}}");

        (await LoginOfPush("ghcr.io/a/b:1")).ShouldBe("""{"username":"me","password":"se:cret","serveraddress":"ghcr.io"}""");
        (await LoginOfPush("other.io/a/b:1")).ShouldBe("{}");
    }

    [Fact]
    public async Task Docker_hub_is_found_under_its_old_name()
    {
        _config.Write("config.json", """{"auths": {"https://index.docker.io/v1/": {"identitytoken": "t"}}}""");

        (await LoginOfPush("alpine:1")).ShouldBe("""{"identitytoken":"t","serveraddress":"docker.io"}""");
    }

    [Fact]
    public async Task A_helper_that_is_not_installed_leaves_the_push_anonymous()
    {
        _config.Write("config.json", """{"credsStore": "devloop-test-not-installed"}""");

        (await LoginOfPush("ghcr.io/a/b:1")).ShouldBe("{}");
    }

    [Theory]
    [InlineData("denied: requested access to the resource is denied", DiagnosticCode.RegistryAuth)]
    [InlineData("Get \"https://r.io/v2/\": http: server gave HTTP response to HTTPS client", DiagnosticCode.RegistryUnreachable)]
    [InlineData("Get \"https://r.io/v2/\": dial tcp: lookup r.io: no such host", DiagnosticCode.RegistryUnreachable)]
    [InlineData("blob upload invalid", DiagnosticCode.PushFailed)]
    public async Task A_refused_push_is_told_by_its_cause(string error, string code)
    {
        string line = System.Text.Json.JsonSerializer.Serialize(new { errorDetail = new { message = error }, error });

        PushOutcome.Failed failed = (await Push("r.io/a/b:1", line, _ => { })).ShouldBeOfType<PushOutcome.Failed>();

        failed.Why.Code.ShouldBe(code);
        failed.Why.Help.ShouldNotBeNull();
    }

    private async Task<string> LoginOfPush(string reference)
    {
        string login = "";
        await Push(reference, """{"aux": {"Tag": "1", "Digest": "sha256:00", "Size": 1}}""", r => login = r.Headers["X-Registry-Auth"]!);
        return Encoding.UTF8.GetString(Convert.FromBase64String(login.Replace('-', '+').Replace('_', '/')));
    }

    private async Task<PushOutcome> Push(string reference, string answer, Action<HttpListenerRequest> look)
    {
        ImageReference.TryParse(reference, out ImageReference? parsed).ShouldBeTrue();
        using var store = new DockerEngine(new EngineDialer(new EngineAddress.Tcp("127.0.0.1", _port)), new RegistryCredentials(new DockerConfigFile(_config.Root)));
        Task<PushOutcome> push = store.PushAsync(parsed!, new RecordedProgress(), CancellationToken.None);
        HttpListenerContext ping = await _listener.GetContextAsync();
        ping.Response.Headers["Api-Version"] = "1.41";
        ping.Response.Close();
        HttpListenerContext asked = await _listener.GetContextAsync();
        asked.Request.Url!.AbsolutePath.ShouldStartWith("/v1.41/images/");
        look(asked.Request);
        asked.Response.Close(Encoding.UTF8.GetBytes(answer + "\r\n"), willBlock: false);
        return await push;
    }
}
