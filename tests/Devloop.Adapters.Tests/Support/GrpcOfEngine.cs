using System.Text;

namespace Devloop.Adapters.Tests.Support;

/// <summary>The BuildKit of the real engine without its upgrade, so that a bridge before it looks like a buildkitd.</summary>
public static class GrpcOfEngine
{
    public static async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        Stream connection = await TestEngine.Dialer().DialAsync(cancellationToken);
        await connection.WriteAsync("POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancellationToken);
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            (await connection.ReadAsync(one, cancellationToken)).ShouldBe(1);
            head.Append((char)one[0]);
        }
        head.ToString().ShouldStartWith("HTTP/1.1 101");
        return connection;
    }
}
