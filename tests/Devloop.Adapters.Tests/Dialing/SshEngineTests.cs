using System.Diagnostics;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Docker;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Dialing;

/// <summary>The real engine, by way of a real ssh server.</summary>
[Trait("Needs", "Engine")]
[Collection(SshHost.Alone)]
public sealed class SshEngineTests
{
    private static readonly RegistryCredentials Credentials = new(new DockerConfigFile("/nowhere"));

    [Fact]
    public async Task An_engine_over_ssh_builds_and_has_the_image()
    {
        await using SshHost host = await SshHost.StartAsync();
        var dialer = new EngineDialer(host.Address);
        await using var builder = new BuildKitImageBuilder(dialer, Credentials);
        using var store = new DockerEngine(dialer, Credentials);
        using TemporaryDirectory context = new TemporaryDirectory().Write("content", Guid.NewGuid().ToString());

        (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Reached>();
        ImageDigest built = (await builder.BuildAsync(new BuildOrder
        {
            Image = new ImageName("where-ssh"),
            Context = context.Snapshot(),
            DockerfileName = "Dockerfile",
            DockerfileText = "FROM scratch\nCOPY content /content\n",
        }, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>().Digest;

        (await store.FindAsync(built.Value, CancellationToken.None)).ShouldBe(built);
    }

    [Fact]
    public async Task The_process_ends_with_the_connection()
    {
        await using SshHost host = await SshHost.StartAsync();
        Process client;
        await using (Stream connection = await new EngineDialer(host.Address).DialAsync(CancellationToken.None))
        {
            await connection.WriteAsync("GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"u8.ToArray());
            (await connection.ReadAsync(new byte[100])).ShouldBePositive();
            client = Process.GetProcessById(host.LastClient);
        }
        using (client)
            await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_host_without_the_docker_client_is_told_as_such()
    {
        await using SshHost host = await SshHost.StartAsync(searchPath: "/nowhere");

        (await WhyNot(host.Address)).ShouldContain("there is no `docker` program on the host `127.0.0.1`");
    }

    [Fact]
    public async Task A_host_whose_key_is_not_known_is_told_in_the_words_of_ssh()
    {
        await using SshHost host = await SshHost.StartAsync(knowsHost: false);

        (await WhyNot(host.Address)).ShouldEndWith("ssh failed: Host key verification failed.");
    }

    [Fact]
    public async Task A_port_that_nothing_listens_on_is_told_in_the_words_of_ssh()
    {
        await using SshHost host = await SshHost.StartAsync();

        (await WhyNot(host.Address with { Port = 1 })).ShouldContain("ssh failed: ssh: connect to host 127.0.0.1 port 1: Connection refused");
    }

    [Fact]
    public async Task A_socket_that_the_host_does_not_have_is_told_in_the_words_of_docker()
    {
        await using SshHost host = await SshHost.StartAsync();

        (await WhyNot(host.Address with { Socket = "/no'where/docker.sock" })).ShouldContain("/no'where/docker.sock");
    }

    private static async Task<string> WhyNot(EngineAddress address)
    {
        using var store = new DockerEngine(new EngineDialer(address), Credentials);
        Diagnostic why = (await store.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Unreachable>().Why;
        why.Code.ShouldBe(DiagnosticCode.EngineUnreachable);
        why.Help.ShouldNotBeNull();
        why.Message.ShouldStartWith($"the Docker Engine at `{address}` cannot be reached: ");
        return why.Message;
    }
}
