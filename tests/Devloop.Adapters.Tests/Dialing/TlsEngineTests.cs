using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Dialing;

/// <summary>Engines behind TLS. The ones that refuse need no engine at all.</summary>
public sealed class TlsEngineTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TemporaryDirectory _files = new();

    public TlsEngineTests() => _files.Write("ca.pem", _authority.Pem);

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    [Trait("Needs", "Engine")]
    public async Task An_engine_that_wants_a_client_certificate_builds_and_has_the_image()
    {
        await using ServerBridge server = ServerBridge.OnTcp(TestEngine.Dialer().DialAsync, Server(_authority.Issue(IPAddress.Loopback), clients: true));
        EngineDialer dialer = Dialer(server.Port, WithClient(_authority));
        var credentials = new RegistryCredentials(new DockerConfigFile(_files.Root));
        await using var builder = new BuildKitImageBuilder(dialer, credentials);
        using var store = new DockerEngine(dialer, credentials);
        using TemporaryDirectory context = new TemporaryDirectory().Write("content", Guid.NewGuid().ToString());

        (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Reached>();
        ImageDigest built = (await builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName("where-tls"),
            Context = context.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch\nCOPY content /content\n",
        }, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>().Digest;

        (await store.FindAsync(built.Value, CancellationToken.None)).ShouldBe(built);
    }

    [Fact]
    public async Task A_certificate_of_an_authority_that_is_not_trusted_is_refused()
    {
        using var other = new TestAuthority();
        (await WhyNot(Server(other.Issue(IPAddress.Loopback)), Trusting())).ShouldEndWith($"its certificate is not signed by an authority that `{_files["ca.pem"]}` holds");
        (await WhyNot(Server(other.Issue(IPAddress.Loopback)), new TlsSettings())).ShouldEndWith("its certificate is not signed by an authority that this machine holds");
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_refused() =>
        (await WhyNot(Server(_authority.IssueExpired(IPAddress.Loopback)), Trusting())).ShouldContain("its certificate has expired");

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_that_name_is_expected()
    {
        (await WhyNot(Server(_authority.Issue("engine.test")), Trusting())).ShouldEndWith("its certificate is for another name than `127.0.0.1`");

        await using ServerBridge server = ServerBridge.OnTcp(Nowhere, Server(_authority.Issue("engine.test")));
        await using Stream connection = await Dialer(server.Port, Trusting() with { ServerName = "engine.test" }).DialAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Any_certificate_will_do_when_none_is_verified()
    {
        using var other = new TestAuthority();
        await using ServerBridge server = ServerBridge.OnTcp(Nowhere, Server(other.IssueExpired(IPAddress.Loopback)));

        await using Stream connection = await Dialer(server.Port, new TlsSettings { SkipVerify = true }).DialAsync(CancellationToken.None);
    }

    [Fact]
    [Trait("Needs", "Engine")] // for its programs, not for the engine
    public async Task A_client_certificate_that_the_server_does_not_trust_is_told_as_such()
    {
        using var other = new TestAuthority();
        (await WhyNotOfOpenSsl(WithClient(other))).ShouldEndWith($"it refused the client certificate `{_files["cert.pem"]}`");
    }

    [Fact]
    [Trait("Needs", "Engine")] // for its programs, not for the engine
    public async Task A_client_certificate_that_is_missing_is_told_as_such() =>
        (await WhyNotOfOpenSsl(Trusting())).ShouldEndWith("it asks for a client certificate");

    [Fact]
    public async Task A_server_in_the_clear_is_told_as_such()
    {
        await using ServerBridge server = ServerBridge.OnTcp(_ => ValueTask.FromResult<Stream>(new MemoryStream("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray())));

        (await WhyNot(server.Port, Trusting())).ShouldEndWith("it does not speak TLS");
    }

    [Theory]
    [InlineData("gone.pem", "does not exist")]
    [InlineData("empty.pem", "holds no certificate")]
    public async Task A_file_of_authorities_that_is_none_is_told_by_its_path(string file, string why)
    {
        _files.Write("empty.pem", "");
        (await WhyNot(Server(_authority.Issue(IPAddress.Loopback)), new TlsSettings { Authorities = _files[file] })).ShouldEndWith($"`{_files[file]}` {why}");
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_told_as_such()
    {
        TlsSettings settings = WithClient(_authority);
        _files.Write("key.pem", _authority.IssueForClient().Key);

        (await WhyNot(Server(_authority.Issue(IPAddress.Loopback)), settings)).ShouldEndWith("are not a certificate and its key");
    }

    /// <summary>A server that says with a TLS alert what it has against a client, as Go's do and .NET's do not.</summary>
    private async Task<string> WhyNotOfOpenSsl(TlsSettings settings)
    {
        (string certificate, string key) = _authority.Issue(IPAddress.Loopback);
        _files.Write("server.pem", certificate).Write("server-key.pem", key);
        int port = OwnRegistry.FreePort();
        using var server = Process.Start(new ProcessStartInfo("openssl",
            ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", _files["server.pem"], "-key", _files["server-key.pem"], "-CAfile", _files["ca.pem"], "-Verify", "1", "-verify_return_error"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            while (await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) is { } line && line != "ACCEPT")
            {
                // Not yet.
            }
            return await WhyNot(port, settings);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private async Task<string> WhyNot(SslServerAuthenticationOptions tls, TlsSettings settings)
    {
        await using ServerBridge server = ServerBridge.OnTcp(Nowhere, tls);
        return await WhyNot(server.Port, settings);
    }

    /// <summary>What a probe says: one that goes as far as the first answer.</summary>
    private async Task<string> WhyNot(int port, TlsSettings settings)
    {
        using var store = new DockerEngine(Dialer(port, settings), new RegistryCredentials(new DockerConfigFile(_files.Root)));
        Diagnostic why = (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Unreachable>().Why;
        why.Code.ShouldBe(DiagnosticCode.EngineUnreachable);
        why.Help.ShouldNotBeNull();
        why.Message.ShouldStartWith($"the Docker Engine at `tcp://127.0.0.1:{port}` cannot be reached: ");
        return why.Message;
    }

    private static EngineDialer Dialer(int port, TlsSettings settings) => new(new EngineAddress.Tcp("127.0.0.1", port, settings));

    private TlsSettings Trusting() => new() { Authorities = _files["ca.pem"] };

    private TlsSettings WithClient(TestAuthority issuer)
    {
        (string certificate, string key) = issuer.IssueForClient();
        _files.Write("cert.pem", certificate).Write("key.pem", key);
        return Trusting() with { Certificate = _files["cert.pem"], Key = _files["key.pem"] };
    }

    private SslServerAuthenticationOptions Server((string Certificate, string Key) own, bool clients = false) => new()
    {
        ServerCertificate = X509Certificate2.CreateFromPem(own.Certificate, own.Key),
        ClientCertificateRequired = clients,
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _authority.Certificate } },
    };

    /// <summary>Says nothing and ends.</summary>
    private static ValueTask<Stream> Nowhere(CancellationToken cancellationToken) => ValueTask.FromResult(Stream.Null);
}
