using System.Net;
using System.Net.Http.Headers;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Adapters.Tests.Registry;

/// <summary>Logins and TLS, against the real registry started with them.</summary>
[Trait("Needs", "Registry")]
public sealed class RegistryLoginTests : IDisposable
{
    private const string Platform = "linux/amd64";

    /// <summary>bcrypt, at its lowest cost, of the password that the token server knows too.</summary>
    private const string Htpasswd = TokenServer.User + ":$2b$04$zwuxJhPLiG.KbodoRk0ebOuO3AzE8CgjzhsTae0lHreqoCjRvqS/m\n";

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();
    private readonly FakeClock _clock = new();

    public void Dispose()
    {
        _files.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_registry_with_tls_and_a_password_is_read_and_written()
    {
        await using OwnRegistry server = await SecureAsync();
        LogIn(server.Host, TokenServer.Password);
        ImageReference reference = await UploadAsync(server);
        using DistributionRegistry registry = Client();

        RegistryImage image = (await registry.FindAsync(reference, Platform, default)).ShouldNotBeNull();
        (await registry.TagAsync(reference, image, "more", default)).ShouldBeTrue();

        (await registry.FindAsync(reference.WithTag("more"), Platform, default)).ShouldBe(image);
        (await registry.ReadConfigAsync(reference, Platform, default)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Without_the_right_password_the_host_is_named_and_what_helps(string? password)
    {
        await using OwnRegistry server = await SecureAsync();
        if (password is not null)
            LogIn(server.Host, password);
        using DistributionRegistry registry = Client();

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => registry.FindAsync(Reference(server), Platform, default))).Diagnostic;

        why.Code.ShouldBe(DiagnosticCode.RegistryAuth);
        why.Message.ShouldContain(server.Host);
        why.Help!.ShouldContain($"`docker login {server.Host}`");
        (why.Message + why.Help).ShouldNotContain("wrong");
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused_and_nothing_goes_in_the_clear()
    {
        await using OwnRegistry server = await SecureAsync();
        using var registry = new DistributionRegistry(Credentials(), new RegistryOptions { CertificatesDirectory = _files["empty"] }, _clock);

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => registry.FindAsync(Reference(server), Platform, default))).Diagnostic;

        why.Code.ShouldBe(DiagnosticCode.RegistryUnreachable);
        why.Message.ShouldEndWith("its certificate is not signed by an authority that this machine trusts");
        why.Help!.ShouldContain($"/etc/docker/certs.d/{server.Host}/");
    }

    [Fact]
    public async Task In_the_clear_only_loopback_and_listed_hosts_are_spoken_to()
    {
        IPAddress elsewhere = NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).First(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        await using OwnRegistry near = await OwnRegistry.StartAsync(), far = await OwnRegistry.StartAsync(address: elsewhere);
        using DistributionRegistry strict = Client();
        using var listed = new DistributionRegistry(Credentials(), new RegistryOptions { InsecureHosts = [far.Host] }, _clock);

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => strict.FindAsync(Reference(far), Platform, default))).Diagnostic;

        why.Message.ShouldBe($"the registry `{far.Host}` cannot be reached: it does not speak TLS");
        why.Help!.ShouldContain("`registry: {insecure: true}`");
        why.Help!.ShouldContain("`insecure-registries`");
        (await listed.FindAsync(Reference(far), Platform, default)).ShouldBeNull();
        (await strict.FindAsync(Reference(near), Platform, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_is_fetched_for_what_is_done_kept_and_renewed_before_it_ends(bool identityToken)
    {
        await using var tokens = new TokenServer(_authority, TimeSpan.FromSeconds(60));
        await using OwnRegistry server = await OwnRegistry.StartAsync(auth:
            $"{{token: {{realm: \"http://127.0.0.1:{tokens.Port}/token\", service: {TokenServer.Service}, issuer: {TokenServer.Issuer}, rootcertbundle: {_files.Write("root.pem", _authority.Pem)["root.pem"]}}}}}");
        if (identityToken)
            Remember(server.Host, $"{{\"identitytoken\": \"{TokenServer.RefreshToken}\"}}");
        else
            LogIn(server.Host, TokenServer.Password);
        string method = identityToken ? "POST" : "GET";
        using DistributionRegistry registry = Client();

        (await registry.FindAsync(Reference(server), Platform, default)).ShouldBeNull();
        (await registry.FindAsync(Reference(server), Platform, default)).ShouldBeNull();
        tokens.Asked.ShouldBe([$"{method} repository:devloop/test:pull"]);

        _clock.Advance(TimeSpan.FromSeconds(55));
        (await registry.FindAsync(Reference(server), Platform, default)).ShouldBeNull();
        tokens.Asked.Count.ShouldBe(2);

        var unknown = new RegistryImage("sha256:" + new string('0', 64), "", default);
        (await Should.ThrowAsync<RegistryException>(() => registry.TagAsync(Reference(server), unknown, "more", default))).Diagnostic.Code.ShouldNotBe(DiagnosticCode.RegistryAuth);
    }

    [Fact]
    public async Task A_tag_is_put_with_a_token_that_allows_it()
    {
        await using var tokens = new TokenServer(_authority, TimeSpan.FromSeconds(60));
        await using OwnRegistry server = await OwnRegistry.StartAsync(auth:
            $"{{token: {{realm: \"http://127.0.0.1:{tokens.Port}/token\", service: {TokenServer.Service}, issuer: {TokenServer.Issuer}, rootcertbundle: {_files.Write("root.pem", _authority.Pem)["root.pem"]}}}}}");
        LogIn(server.Host, TokenServer.Password);
        ImageReference reference = Reference(server);
        string token = _authority.SignToken(System.Text.Json.JsonSerializer.Serialize(new
        {
            iss = TokenServer.Issuer,
            aud = TokenServer.Service,
            exp = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600,
            access = new[] { new { type = "repository", name = reference.Path, actions = new[] { "pull", "push" } } },
        }));
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        await new RegistryUpload(http, server.Host).PutAsync(reference, "a");
        using DistributionRegistry registry = Client();

        RegistryImage image = (await registry.FindAsync(reference, Platform, default)).ShouldNotBeNull();
        (await registry.TagAsync(reference, image, "more", default)).ShouldBeTrue();

        tokens.Asked.ShouldContain("GET repository:devloop/test:pull,push");
        (await registry.FindAsync(reference.WithTag("more"), Platform, default)).ShouldBe(image);
    }

    private async Task<OwnRegistry> SecureAsync()
    {
        (string certificate, string key) = _authority.Issue(IPAddress.Loopback);
        _files.Write("server.pem", certificate).Write("server.key", key).Write("htpasswd", Htpasswd);
        OwnRegistry server = await OwnRegistry.StartAsync((_files["server.pem"], _files["server.key"]), $"{{htpasswd: {{realm: test, path: {_files["htpasswd"]}}}}}");
        _files.Write($"certs.d/{server.Host}/ca.crt", _authority.Pem);
        return server;
    }

    private static async Task<ImageReference> UploadAsync(OwnRegistry server)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TokenServer.User}:{TokenServer.Password}")));
        await new RegistryUpload(http, new Uri($"https://{server.Host}/")).PutAsync(Reference(server), "a");
        return Reference(server);
    }

    private DistributionRegistry Client() => new(Credentials(), new RegistryOptions { CertificatesDirectory = _files["certs.d"] }, _clock);

    private RegistryCredentials Credentials() => new(new DockerConfigFile(_files.Root));

    private void LogIn(string host, string password) =>
        Remember(host, $"{{\"auth\": \"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TokenServer.User}:{password}"))}\"}}");

    /// <summary>As `docker login` leaves it.</summary>
    private void Remember(string host, string entry) => _files.Write("config.json", $"{{\"auths\": {{\"{host}\": {entry}}}}}");

    private static ImageReference Reference(OwnRegistry server) =>
        ImageReference.TryParse($"{server.Host}/devloop/test:first", out ImageReference? reference) ? reference : throw new InvalidOperationException(server.Host);
}
