using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Diagnostic = Devloop.Diagnostics.Diagnostic;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>Secrets and SSH agents reach the steps that mount them, on the real engine, and no secret shows.</summary>
[Trait("Needs", "Engine")]
public sealed partial class CredentialsInBuildsTests(TestEngine engine) : IClassFixture<TestEngine>, IDisposable
{
    private readonly TemporaryDirectory _files = new TemporaryDirectory().WithBusybox();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_step_reads_a_secret_and_its_value_shows_nowhere()
    {
        string value = $"hush-{Guid.NewGuid():N}";
        _files.Write("../" + Path.GetFileName(_files.Root) + ".token", value + "\n");
        var progress = new RecordedProgress();
        BuildOrder order = Order("RUN --mount=type=secret,id=token cat /run/secrets/token; wc -c < /run/secrets/token; grep -q hush /run/secrets/token && exit 4") with
        {
            Secrets = [new BuildSecret("token", _files.Root + ".token", null, null)],
        };

        Diagnostic failure = (await engine.Builder.BuildAsync(order, progress, CancellationToken.None)).ShouldBeOfType<BuildOutcome.Failed>().Diagnostics.ShouldHaveSingleItem();
        File.Delete(_files.Root + ".token");

        progress.Lines.ShouldContain("***");
        progress.Lines.ShouldContain((value.Length + 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
        failure.Code.ShouldBe(DiagnosticCode.BuildStepFailed);
        failure.Message.ShouldContain("exit code 4");
        (failure.ToString() + string.Join('\n', progress.All) + string.Join('\n', failure.Notes)).ShouldNotContain(value);
    }

    [Fact]
    public async Task Another_value_of_a_secret_does_not_run_the_step_again()
    {
        Environment.SetEnvironmentVariable("DEVLOOP_TEST_SECRET", "first value");
        BuildOrder order = Order($"RUN --mount=type=secret,id=token echo ran {Guid.NewGuid()} && cat /run/secrets/token | wc -c") with
        {
            Secrets = [new BuildSecret("token", null, "DEVLOOP_TEST_SECRET", null)],
        };
        var first = new RecordedProgress();
        var second = new RecordedProgress();
        await engine.Builder.BuildAsync(order, first, CancellationToken.None);
        Environment.SetEnvironmentVariable("DEVLOOP_TEST_SECRET", "a longer second value");
        await engine.Builder.BuildAsync(order, second, CancellationToken.None);

        first.Lines.ShouldContain("11");
        second.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_secret_that_nobody_gives_is_missing_only_where_it_is_required()
    {
        (await engine.Builder.BuildAsync(Order("RUN --mount=type=secret,id=other ls /run/secrets || true"), new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>();
        (await engine.Builder.BuildAsync(Order("RUN --mount=type=secret,id=other,required true"), new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Failed>();
    }

    [Fact]
    public async Task All_that_is_missing_is_told_at_once_before_the_build_begins()
    {
        BuildOrder order = Order("RUN true") with
        {
            Secrets = [new BuildSecret("a", null, "DEVLOOP_TEST_NO_SUCH_VARIABLE", null), new BuildSecret("b", _files["none"], null, null)],
            Ssh = [new SshAgent("default", _files["none.sock"], null), new SshAgent("key", _files["busybox"], null)],
        };
        var progress = new RecordedProgress();

        ImmutableArray<Diagnostic> problems = (await engine.Builder.BuildAsync(order, progress, CancellationToken.None)).ShouldBeOfType<BuildOutcome.Failed>().Diagnostics;

        problems.Select(p => p.Code).Distinct().ShouldBe([DiagnosticCode.SecretMissing]);
        problems.Select(p => p.Message.Split(' ', 5)[^1]).ShouldBe(
        [
            "`credentials` has no value: the environment variable `DEVLOOP_TEST_NO_SUCH_VARIABLE` is not set", "`credentials` has no value: its file does not exist",
            $"of image `credentials` does not answer at `{_files["none.sock"]}`", $"of image `credentials` does not answer at `{_files["busybox"]}`",
        ]);
        progress.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_step_talks_to_the_agent_through_its_socket()
    {
        // Not a real agent: what matters is that bytes go both ways, and that one end's close reaches the other.
        CopyProgram("socat");
        string path = _files["agent.sock"];
        using var agent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        agent.Bind(new UnixDomainSocketEndPoint(path));
        agent.Listen();
        Task serving = AnswerAsync(agent);
        var progress = new RecordedProgress();
        BuildOrder order = Order($"RUN --mount=type=ssh,id=work test -S $SSH_AUTH_SOCK && head -c 100000 /dev/zero | tr '\\\\0' x | socat - UNIX-CONNECT:$SSH_AUTH_SOCK && echo {Guid.NewGuid()}", "COPY root /\n") with
        {
            Ssh = [new SshAgent("work", path, null)],
            Context = _files.Snapshot(),
        };

        (await engine.Builder.BuildAsync(order, progress, CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>(string.Join('\n', progress.Lines));
        await serving;

        progress.Lines.ShouldContain("seen 100000");
    }

    private static async Task AnswerAsync(Socket agent)
    {
        (await agent.AcceptAsync()).Dispose(); // the look whether it is there
        using Socket connection = await agent.AcceptAsync();
        byte[] buffer = new byte[4096];
        int all = 0, count;
        while ((count = await connection.ReceiveAsync(buffer)) > 0)
            all += count;
        await connection.SendAsync(Encoding.ASCII.GetBytes($"seen {all}\n"));
    }

    /// <summary>A program of this machine with the libraries that it needs, below <c>root</c> of the context.</summary>
    private void CopyProgram(string name)
    {
        string program = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, name)).First(File.Exists);
        using Process ldd = Process.Start(new ProcessStartInfo("ldd", [program]) { RedirectStandardOutput = true })!;
        string[] libraries = [.. Library().Matches(ldd.StandardOutput.ReadToEnd()).Select(m => m.Groups[1].Value)];
        ldd.WaitForExit();
        foreach (string file in libraries.Append(program))
        {
            string copy = _files["root" + file];
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private BuildOrder Order(string run, string copy = "") => new()
    {
        Image = new ImageName("credentials"),
        Context = _files.Snapshot(),
        DockerfileText = TestEngine.Busybox + copy + run + "\n",
        DockerfileName = "Dockerfile",
    };

    [GeneratedRegex(@"(?:=> |^\s+)(/\S+) \(", RegexOptions.Multiline)]
    private static partial Regex Library();
}
