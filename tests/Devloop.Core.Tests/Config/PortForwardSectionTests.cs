using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Config;

public sealed class PortForwardSectionTests
{
    [Theory]
    [InlineData("8080", "127.0.0.1:8080:8080", "localhost:8080", false)]
    [InlineData("\"8080\"", "127.0.0.1:8080:8080", "localhost:8080", false)]
    [InlineData("\"8080:8080\"", "127.0.0.1:8080:8080", "localhost:8080", true)]
    [InlineData("\"9000:http\"", "127.0.0.1:9000:http", "localhost:9000", true)]
    [InlineData("\"127.0.0.2:9000:80\"", "127.0.0.2:9000:80", "127.0.0.2:9000", true)]
    [InlineData("\"localhost:9000:80\"", "localhost:9000:80", "localhost:9000", true)]
    [InlineData("\"[::1]:9000:80\"", "[::1]:9000:80", "localhost:9000", true)]
    [InlineData("\"[fd00::2]:9000:http\"", "[fd00::2]:9000:http", "[fd00::2]:9000", true)]
    public void A_forward_is_written_short_or_in_full(string text, string full, string local, bool remoteGiven)
    {
        PortForward forward = Read(text).Value!.Resources["web"].PortForwards.ShouldHaveSingleItem();
        (forward.ToString(), forward.LocalText, forward.RemoteGiven).ShouldBe((full, local, remoteGiven));
    }

    [Theory]
    [InlineData("\"[::1]:9000\"")]
    [InlineData("\"[::1:9000:80\"")]
    [InlineData("\"[]:9000:80\"")]
    [InlineData("\"::1:9000:80\"")]
    [InlineData("\"[::1]:9000:80:81\"")]
    public void What_is_none_is_refused(string text) => Read(text).Diagnostics.ShouldHaveSingleItem().Message.ShouldBe($"`{text.Trim('"')}` is not a port forward");

    private static Parsed<Project> Read(string forward) => ConfigReader.Read(new SourceText("devloop.yaml", $"version: 1\nresources:\n  web: {{port_forwards: [{forward}]}}\n"), "/project");
}
