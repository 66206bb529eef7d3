using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

public sealed class UnreachableBuildKitTests
{
    [Fact]
    public async Task A_port_that_nothing_listens_on_is_told_as_such()
    {
        Diagnostic why = await WhyNot(new EngineAddress.Tcp("127.0.0.1", 1));

        why.Code.ShouldBe(DiagnosticCode.BuilderUnreachable);
        why.Message.ShouldBe("BuildKit at `tcp://127.0.0.1:1` cannot be reached: nothing listens there");
        why.Help!.ShouldContain("BUILDKIT_HOST");
    }

    [Fact]
    public async Task A_socket_that_is_missing_is_told_as_such() =>
        (await WhyNot(new EngineAddress.Unix("/nowhere/buildkitd.sock"))).Message.ShouldBe("BuildKit at `unix:///nowhere/buildkitd.sock` cannot be reached: the socket does not exist");

    [Fact]
    public async Task A_server_of_another_kind_is_told_as_such()
    {
        await using ServerBridge server = ServerBridge.OnTcp(_ => ValueTask.FromResult<Stream>(new MemoryStream("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray())));

        (await WhyNot(new EngineAddress.Tcp("127.0.0.1", server.Port))).Message.ShouldEndWith("what answers is not BuildKit");
    }

    private static async Task<Diagnostic> WhyNot(EngineAddress address)
    {
        await using var builder = new BuildKitImageBuilder(new EngineDialer(address, ServerKind.BuildKit), GrpcEntry.Direct, new EngineExport(), new RegistryCredentials(new DockerConfigFile("/nowhere")));
        return (await builder.ProbeAsync(CancellationToken.None)).ShouldBeOfType<EngineProbe.Unreachable>().Why;
    }
}
