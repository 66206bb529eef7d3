using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.Tests.Support;
using Devloop.Ports;
using Devloop.Testing;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>How a user of a kubeconfig, or a pod, says who it is, and what happens when that runs out.</summary>
public sealed class CredentialTests : IDisposable
{
    private const string Version = """{"gitVersion": "v1.30.0"}""";
    private const string PluginVersion = "client.authentication.k8s.io/v1";

    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = new();
    private readonly FakeClock _clock = new();
    private readonly ConcurrentQueue<string> _shown = new();

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_token_file_is_read_again_after_a_minute()
    {
        await using StubApiServer server = await StubApiServer.StartAsync(AnswerAsync);
        string token = Write("token", "first\n");
        using KubernetesCluster cluster = server.Connect(_clock, $$"""{"tokenFile": "{{token}}"}""");
        await ReachedAsync(cluster);
        Write("token", "second\n");
        await ReachedAsync(cluster);
        _clock.Advance(TimeSpan.FromSeconds(61));
        await ReachedAsync(cluster);
        _shown.Distinct().ShouldBe(["Bearer first", "Bearer second"]);
        _shown.Count(s => s == "Bearer first").ShouldBe(4);
    }

    [Fact]
    public async Task A_token_file_is_read_again_when_the_server_refuses_its_token()
    {
        string token = Write("token", "first");
        await using StubApiServer server = await StubApiServer.StartAsync((context, number) => RefuseAfterAsync(context, number, "Bearer first", 2));
        using KubernetesCluster cluster = server.Connect(_clock, $$"""{"tokenFile": "{{token}}"}""");
        await ReachedAsync(cluster);
        Write("token", "second");
        await ReachedAsync(cluster);
        _shown.ShouldBe(["Bearer first", "Bearer first", "Bearer first", "Bearer second", "Bearer second"]);
    }

    [Fact]
    public async Task A_plugin_is_asked_again_shortly_before_its_token_runs_out()
    {
        await using StubApiServer server = await StubApiServer.StartAsync(AnswerAsync);
        using KubernetesCluster cluster = server.Connect(_clock, CountingPlugin(_clock.GetUtcNow().AddHours(1)));
        await ReachedAsync(cluster);
        _clock.Advance(TimeSpan.FromMinutes(59));
        await ReachedAsync(cluster);
        _clock.Advance(TimeSpan.FromSeconds(45));
        await ReachedAsync(cluster);
        _shown.Take(5).ShouldBe(["Bearer 1", "Bearer 1", "Bearer 1", "Bearer 1", "Bearer 2"]);
    }

    [Fact]
    public async Task A_plugin_is_asked_again_once_when_the_server_refuses_its_token()
    {
        await using StubApiServer server = await StubApiServer.StartAsync((context, number) => RefuseAfterAsync(context, number, "Bearer 1", 2));
        using KubernetesCluster cluster = server.Connect(_clock, CountingPlugin(null));
        await ReachedAsync(cluster);
        await ReachedAsync(cluster);
        _shown.ShouldBe(["Bearer 1", "Bearer 1", "Bearer 1", "Bearer 2", "Bearer 2"]);
    }

    [Fact]
    public async Task A_server_that_refuses_the_new_token_too_is_told_and_the_plugin_is_left_alone()
    {
        await using StubApiServer server = await StubApiServer.StartAsync((context, _) => StubApiServer.RefuseAsync(context, 401, "Unauthorized", "Unauthorized"));
        using KubernetesCluster cluster = server.Connect(_clock, CountingPlugin(null));
        ClusterProbe.Unreachable told = (await cluster.ProbeAsync(Soon())).ShouldBeOfType<ClusterProbe.Unreachable>();
        told.Why.Message.ShouldBe("the cluster of context `stub` refuses the credentials of the kubeconfig");
        File.ReadAllText(_directory["asked"]).ShouldBe("x\nx\n");
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_a_server_that_asks_for_one()
    {
        (string certificate, string key) = _authority.IssueForClient();
        Write("client.crt", certificate);
        Write("client.key", key);
        using X509Certificate2 serving = Serving();
        await using StubApiServer server = await StubApiServer.StartAsync(AnswerToCertificateAsync, serving);
        using KubernetesCluster cluster = server.Connect(_clock, $$"""{"client-certificate": "{{_directory["client.crt"]}}", "client-key": "{{_directory["client.key"]}}"}""", Trust());
        await ReachedAsync(cluster);
        _shown.Distinct().ShouldBe([Thumbprint(certificate)]);

        using KubernetesCluster nobody = server.Connect(_clock, "{}", Trust());
        (await nobody.ProbeAsync(Soon())).ShouldBeOfType<ClusterProbe.Unreachable>();
    }

    [Fact]
    public async Task A_certificate_of_a_plugin_is_shown_and_a_newer_one_after_the_server_refused_it()
    {
        (string first, string firstKey) = _authority.IssueForClient();
        (string second, string secondKey) = _authority.IssueForClient();
        Write("1.json", PluginAnswer(new { clientCertificateData = first, clientKeyData = firstKey }));
        Write("2.json", PluginAnswer(new { clientCertificateData = second, clientKeyData = secondKey }));
        bool revoked = false;
        using X509Certificate2 serving = Serving();
        await using StubApiServer server = await StubApiServer.StartAsync(
            (context, _) => revoked && context.Connection.ClientCertificate?.Thumbprint == Thumbprint(first) ? StubApiServer.RefuseAsync(context, 401, "Unauthorized", "Unauthorized") : AnswerToCertificateAsync(context, 0),
            serving);
        using KubernetesCluster cluster = server.Connect(_clock, Plugin($"cat {_directory.Root}/$n.json"), Trust());
        await ReachedAsync(cluster);
        revoked = true;
        await ReachedAsync(cluster);
        _shown.Distinct().ShouldBe([Thumbprint(first), Thumbprint(second)]);
    }

    [Fact]
    public async Task A_proxy_gets_the_user_and_password_of_its_address()
    {
        using X509Certificate2 serving = Serving();
        await using StubApiServer server = await StubApiServer.StartAsync(AnswerAsync, serving);
        await using var proxy = new AuthenticatingProxy("jane:p@ss word");
        using KubernetesCluster cluster = server.Connect(_clock, """{"token": "sesame"}""", Trust() + string.Create(CultureInfo.InvariantCulture, $", \"proxy-url\": \"http://jane:p%40ss%20word@127.0.0.1:{proxy.Port}\""));
        await ReachedAsync(cluster);
        _shown.Distinct().ShouldBe(["Bearer sesame"]);
        proxy.Led.Distinct().ShouldBe([server.Address.Authority]);
    }

    [Fact]
    public async Task Inside_a_pod_the_token_of_the_service_account_is_used_and_read_anew()
    {
        Write("ca.crt", _authority.Pem);
        Write("token", "first");
        Write("namespace", "pods");
        using X509Certificate2 serving = Serving();
        await using StubApiServer server = await StubApiServer.StartAsync(AnswerAsync, serving);
        ClusterAccessReader.Read(new ClusterOptions { InCluster = new InClusterAddress("127.0.0.1", server.Address.Port.ToString(CultureInfo.InvariantCulture), _directory.Root) }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        using var cluster = new KubernetesCluster(access!, _clock);
        await ReachedAsync(cluster);
        Write("token", "second");
        _clock.Advance(TimeSpan.FromSeconds(61));
        (await ReachedAsync(cluster)).Namespace.ShouldBe("pods");
        _shown.Distinct().ShouldBe(["Bearer first", "Bearer second"]);
    }

    private static async Task<ClusterProbe.Reached> ReachedAsync(KubernetesCluster cluster)
    {
        ClusterProbe probe = await cluster.ProbeAsync(Soon());
        return probe.ShouldBeOfType<ClusterProbe.Reached>((probe as ClusterProbe.Unreachable)?.Why.Message);
    }

    private Task AnswerAsync(HttpContext context, int number)
    {
        _shown.Enqueue(context.Request.Headers.Authorization.ToString());
        return StubApiServer.JsonAsync(context, 200, context.Request.Path == "/version" ? Version : """{"items": []}""");
    }

    /// <summary>Takes a header for so many requests and no longer, as a server does whose token was revoked.</summary>
    private Task RefuseAfterAsync(HttpContext context, int number, string header, int times)
    {
        if (number <= times || context.Request.Headers.Authorization != header)
            return AnswerAsync(context, number);
        _shown.Enqueue(header);
        return StubApiServer.RefuseAsync(context, 401, "Unauthorized", "Unauthorized");
    }

    private Task AnswerToCertificateAsync(HttpContext context, int number)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
            return StubApiServer.RefuseAsync(context, 401, "Unauthorized", "Unauthorized");
        _shown.Enqueue(certificate.Thumbprint);
        return StubApiServer.JsonAsync(context, 200, context.Request.Path == "/version" ? Version : """{"items": []}""");
    }

    /// <summary>A user whose plugin gives the tokens 1, 2, 3.</summary>
    private string CountingPlugin(DateTimeOffset? expires)
    {
        string status = expires is { } at ? $", \"expirationTimestamp\": \"{at:yyyy-MM-ddTHH:mm:ssZ}\"" : "";
        return Plugin($$$"""echo '{"apiVersion": "{{{PluginVersion}}}", "kind": "ExecCredential", "status": {"token": "'$n'"{{{status}}} } }'""");
    }

    /// <summary>A user whose plugin runs a line of shell, in which <c>n</c> is how often it was asked.</summary>
    private string Plugin(string line)
    {
        string program = Write("login", $"echo x >> {_directory["asked"]}; n=$(wc -l < {_directory["asked"]} | tr -d ' '); {line}\n");
        return JsonSerializer.Serialize(new { exec = new { apiVersion = PluginVersion, command = "/bin/sh", args = new[] { program }, interactiveMode = "Never" } });
    }

    private static string PluginAnswer(object status) => JsonSerializer.Serialize(new { apiVersion = PluginVersion, kind = "ExecCredential", status });

    private string Trust() => $", \"certificate-authority-data\": \"{Convert.ToBase64String(Encoding.UTF8.GetBytes(_authority.Pem))}\"";

    private X509Certificate2 Serving()
    {
        (string certificate, string key) = _authority.Issue(IPAddress.Loopback);
        using X509Certificate2 pem = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    private static string Thumbprint(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.Thumbprint;
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_directory[name], text);
        return _directory[name];
    }

    private static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
}
