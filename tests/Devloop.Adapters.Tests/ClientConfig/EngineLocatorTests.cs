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
    [InlineData("npipe:////./pipe/docker_engine", "npipe:////./pipe/docker_engine")]
    public void An_address_of_the_environment_is_taken(string host, string expected) =>
        Locate(("DOCKER_HOST", host)).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("ssh://me@host")]
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

    private void WriteContext(string name, string host)
    {
        string id = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
        var meta = new { Name = name, Endpoints = new { docker = new { Host = host } } };
        _config.Write($"contexts/meta/{id}/meta.json", System.Text.Json.JsonSerializer.Serialize(meta));
    }
}
