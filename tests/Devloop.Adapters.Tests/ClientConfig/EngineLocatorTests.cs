using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Tests.ClientConfig;

public sealed class EngineLocatorTests : IDisposable
{
    private readonly TemporaryDirectory _config = new();

    public void Dispose() => _config.Dispose();

    [Theory]
    [InlineData("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock")]
    [InlineData("tcp://10.0.0.1:2376", "tcp://10.0.0.1:2376")]
    [InlineData("tcp://[::1]:2375", "tcp://::1:2375")]
    [InlineData("tcp://engine", "tcp://engine:2375")]
    [InlineData("https://engine", "tcp://engine:2376")]
    [InlineData("ssh://me@host", "ssh://me@host")]
    [InlineData("ssh://host:2222", "ssh://host:2222")]
    [InlineData("ssh://me@[::1]:22/run/docker.sock", "ssh://me@::1:22/run/docker.sock")]
    [InlineData("npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine")]
    public void An_address_of_the_environment_is_taken(string host, string expected) =>
        Locate(("DOCKER_HOST", host)).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("ssh://")]
    [InlineData("ssh://-oProxyCommand=reboot")]
    [InlineData("ssh://-oProxyCommand=reboot@host")]
    [InlineData("ssh://host;reboot")]
    [InlineData("ssh://me@host:ssh")]
    [InlineData("tcp://host:99999")]
    [InlineData("nonsense")]
    public void An_address_that_cannot_be_dialled_says_so_when_it_is_used(string host) =>
        Locate(("DOCKER_HOST", host)).ShouldBeOfType<EngineAddress.Unsupported>().Help.ShouldNotBeEmpty();

    [Fact]
    public void Without_any_setting_it_is_the_systems_own() => Locate().ShouldBe(EngineAddress.Default);

    [Fact]
    public void The_current_context_is_followed()
    {
        WriteContext("remote", "unix:///remote.sock");
        _config.Write("config.json", """{"currentContext": "remote"}""");

        Locate().ShouldBe(new EngineAddress.Unix("/remote.sock"));
        Locate(("DOCKER_HOST", "tcp://h:1")).ShouldBe(new EngineAddress.Tcp("h", 1));
        Locate(("DOCKER_CONTEXT", "default")).ShouldBe(EngineAddress.Default);
    }

    [Fact]
    public void A_password_in_an_address_is_refused_and_not_repeated()
    {
        EngineAddress.Unsupported refused = Locate(("DOCKER_HOST", "ssh://me:secret@host")).ShouldBeOfType<EngineAddress.Unsupported>();

        refused.Why.ShouldContain("password");
        refused.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public void Tls_is_asked_for_by_the_environment_and_its_files_lie_beside_the_config()
    {
        _config.Write("ca.pem", "").Write("cert.pem", "").Write("key.pem", "");

        Locate(("DOCKER_HOST", "tcp://engine"), ("DOCKER_TLS_VERIFY", "1")).ShouldBe(new EngineAddress.Tcp("engine", 2376,
            new TlsSettings { Authorities = _config["ca.pem"], Certificate = _config["cert.pem"], Key = _config["key.pem"] }));
    }

    [Fact]
    public void The_directory_of_certificates_may_be_another_and_a_client_needs_none()
    {
        _config.Write("certs/ca.pem", "");

        Locate(("DOCKER_HOST", "tcp://engine:1"), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", _config["certs"])).ShouldBe(
            new EngineAddress.Tcp("engine", 1, new TlsSettings { Authorities = _config["certs/ca.pem"] }));
    }

    [Fact]
    public void Tls_without_verifying_takes_any_server() =>
        Locate(("DOCKER_HOST", "tcp://engine"), ("DOCKER_TLS", "1")).ShouldBe(new EngineAddress.Tcp("engine", 2376, new TlsSettings { SkipVerify = true }));

    [Fact]
    public void Certificates_alone_ask_for_no_tls() =>
        Locate(("DOCKER_HOST", "tcp://engine"), ("DOCKER_CERT_PATH", _config.Root)).ShouldBe(new EngineAddress.Tcp("engine", 2375));

    [Fact]
    public void A_context_brings_its_own_certificates()
    {
        string files = WriteContext("secure", "tcp://engine");
        _config.Write($"{files}/ca.pem", "").Write($"{files}/cert.pem", "").Write($"{files}/key.pem", "");

        Locate(("DOCKER_CONTEXT", "secure"), ("DOCKER_TLS_VERIFY", "")).ShouldBe(new EngineAddress.Tcp("engine", 2376, new TlsSettings
        {
            Authorities = _config[$"{files}/ca.pem"],
            Certificate = _config[$"{files}/cert.pem"],
            Key = _config[$"{files}/key.pem"],
        }));
    }

    [Fact]
    public void A_context_may_skip_verifying()
    {
        WriteContext("careless", "tcp://engine", skipsVerify: true);

        Locate(("DOCKER_CONTEXT", "careless")).ShouldBe(new EngineAddress.Tcp("engine", 2376, new TlsSettings { SkipVerify = true }));
    }

    [Fact]
    public void A_context_that_does_not_exist_is_told_by_name() =>
        Locate(("DOCKER_CONTEXT", "gone")).ShouldBeOfType<EngineAddress.Unsupported>().Text.ShouldBe("gone");

    [Fact]
    public void A_broken_config_is_as_none()
    {
        _config.Write("config.json", "{");

        Locate().ShouldBe(EngineAddress.Default);
    }

    private EngineAddress Locate(params (string Name, string Value)[] environment) =>
        EngineLocator.Locate(new DockerConfigFile(_config.Root), name => environment.FirstOrDefault(e => e.Name == name).Value);

    /// <summary>Gives where the certificates of the context belong.</summary>
    private string WriteContext(string name, string host, bool skipsVerify = false)
    {
        string id = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
        var meta = new { Name = name, Endpoints = new { docker = new { Host = host, SkipTLSVerify = skipsVerify } } };
        _config.Write($"contexts/meta/{id}/meta.json", System.Text.Json.JsonSerializer.Serialize(meta));
        return $"contexts/tls/{id}/docker";
    }
}
