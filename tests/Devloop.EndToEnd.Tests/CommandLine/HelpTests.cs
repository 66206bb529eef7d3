namespace Devloop.EndToEnd.Tests.CommandLine;

public sealed class HelpTests : IDisposable
{
    private readonly TypedCommand _typed = new();

    [Fact]
    public void Of_the_whole() => _typed.ShouldSay("help", "--help");

    [Theory]
    [InlineData("up")]
    [InlineData("ci")]
    [InlineData("build")]
    [InlineData("down")]
    [InlineData("plan")]
    [InlineData("inputs")]
    [InlineData("graph")]
    [InlineData("render")]
    [InlineData("dockerfile")]
    [InlineData("config")]
    [InlineData("status")]
    [InlineData("logs")]
    [InlineData("trigger")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("enable")]
    [InlineData("disable")]
    [InlineData("stop")]
    [InlineData("prune")]
    [InlineData("explain")]
    [InlineData("version")]
    public void Of_a_command(string command) => _typed.ShouldSay("help-" + command, command, "--help");

    public void Dispose() => _typed.Dispose();
}
