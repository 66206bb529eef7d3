namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>What a user sees of a mistyped command line, and when nothing that a run needs is within reach.</summary>
public sealed class BadUsageTests : IDisposable
{
    private readonly TypedCommand _typed = new TypedCommand()
        .Write("Dockerfile", "FROM scratch\nCOPY . /\n")
        .Write("k8s.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: api}]}\n")
        .Write("devloop.yaml", "version: 1\nimages: {api: {}}\nmanifests: [k8s.yaml]\n");

    [Theory]
    [InlineData("unknown-command", "grpah")]
    [InlineData("unknown-command-far", "frobnicate")]
    [InlineData("unknown-option", "ci --timeuot 5m")]
    [InlineData("unknown-global-option", "--kube-contxt dev up")]
    [InlineData("missing-value", "config -f")]
    [InlineData("wrong-choice", "config --output xml")]
    [InlineData("bad-timeout", "ci --timeout soon")]
    [InlineData("missing-argument", "dockerfile")]
    [InlineData("unknown-image", "dockerfile aip")]
    [InlineData("unknown-resource", "up wbe")]
    [InlineData("unknown-image-to-build", "build aip")]
    [InlineData("target-docker", "up --target docker")]
    [InlineData("no-engine", "build")]
    [InlineData("no-engine-json", "build --output json")]
    [InlineData("no-cluster", "down")]
    [InlineData("no-up", "status")]
    [InlineData("no-up-json", "status --output json")]
    [InlineData("no-up-there", "logs -n elsewhere")]
    [InlineData("no-up-without-config", "stop -f missing.yaml")]
    [InlineData("trigger-nothing", "trigger")]
    [InlineData("bad-tail", "logs --tail -1")]
    [InlineData("bad-report", "ci --report html=report.html")]
    [InlineData("report-without-a-place", "ci --report junit=k8s.yaml/report.xml --report json=/dev/null/report.json --artifacts .")]
    public void A_command_line(string golden, string line) => _typed.ShouldSay(golden, line.Split(' '));

    [Fact]
    public void No_command() => _typed.ShouldSay("no-command");

    public void Dispose() => _typed.Dispose();
}
