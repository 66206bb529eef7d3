using System.Text;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What containers do in which commands run, whoever leads to them.</summary>
public abstract class ContainersContract
{
    protected abstract IContainers Containers { get; }

    /// <summary>A container that runs and has <c>/bin/busybox</c>.</summary>
    protected abstract Task<ContainerPlace> StartAsync();

    /// <summary>Ends it for good.</summary>
    protected abstract Task StopAsync(ContainerPlace place);

    [Fact]
    public async Task A_command_runs_and_its_output_and_exit_code_come_back()
    {
        ContainerPlace place = await StartAsync();
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        ContainerOrder Order(params string[] words) => new(place, [.. words]) { Output = (bytes, isError) => (isError ? errors : output).Append(Encoding.UTF8.GetString(bytes.Span)) };

        (await Containers.ExecAsync(Order("/bin/busybox", "echo", "two  words", "$HOME"), Soon())).ShouldBe(new ContainerExecEnd.Exited(0));
        (output.ToString(), errors.ToString()).ShouldBe(("two  words $HOME\n", ""));
        (await Containers.ExecAsync(Order("/bin/busybox", "sh", "-c", "echo no >&2; exit 7"), Soon())).ShouldBe(new ContainerExecEnd.Exited(7));
        errors.ToString().ShouldBe("no\n");
    }

    [Fact]
    public async Task A_command_reads_what_it_is_given()
    {
        ContainerPlace place = await StartAsync();
        byte[] sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);
        var got = new MemoryStream();
        var order = new ContainerOrder(place, ["/bin/busybox", "head", "-c", "1000000"]) { Input = new MemoryStream(sent), Output = (bytes, _) => got.Write(bytes.Span) };
        (await Containers.ExecAsync(order, Soon())).ShouldBe(new ContainerExecEnd.Exited(0));
        got.ToArray().ShouldBe(sent);
    }

    [Fact]
    public async Task Input_that_cannot_be_read_ends_the_command_and_is_thrown()
    {
        ContainerPlace place = await StartAsync();
        var order = new ContainerOrder(place, ["/bin/busybox", "head", "-c", "1000000"]) { Input = new BrokenStream(after: 100_000) };
        (await Should.ThrowAsync<InvalidOperationException>(Containers.ExecAsync(order, Soon()))).Message.ShouldBe("broken");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        ContainerPlace place = await StartAsync();
        (await Containers.ExecAsync(new ContainerOrder(place, ["/no/such/program"]), Soon())).ShouldBeOfType<ContainerExecEnd.NoProgram>().Text.ShouldContain("/no/such/program");
    }

    [Fact]
    public async Task A_container_that_ended_runs_no_more_and_no_command_runs_in_it()
    {
        ContainerPlace place = await StartAsync();
        (await Containers.RunsAsync(place, Soon())).ShouldBe(true);
        await StopAsync(place);
        (await Containers.RunsAsync(place, Soon())).ShouldBe(false);
        (await Containers.ExecAsync(new ContainerOrder(place, ["/bin/busybox", "echo"]), Soon())).ShouldBe(new ContainerExecEnd.NotThere());
    }

    protected static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private sealed class BrokenStream(int after) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position < Length ? await base.ReadAsync(buffer, cancellationToken) : throw new InvalidOperationException("broken");

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => CopyAsync(destination, cancellationToken);

        private async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
        {
            byte[] buffer = new byte[16 * 1024];
            for (int count; (count = await ReadAsync(buffer, cancellationToken)) > 0;)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}

/// <summary>What containers do beside that whose engine is at hand.</summary>
public abstract class EngineContainersContract : ContainersContract
{
    protected abstract IEngineContainers Engine { get; }

    protected override IContainers Containers => Engine;

    [Fact]
    public async Task A_program_that_was_put_there_can_be_run()
    {
        ContainerPlace place = await StartAsync();
        ReadOnlyMemory<byte> helper = LiveHelper.HelperBinaries.Load().For(await Engine.ArchitectureAsync(Soon())).ShouldNotBeNull();
        (await Engine.ExecAsync(new ContainerOrder(place, ["/put-there"]), Soon())).ShouldBeOfType<ContainerExecEnd.NoProgram>();

        (await Engine.PutProgramAsync(place, "put-there", helper, Soon())).ShouldBe(new ContainerPut.Done());

        // 64 is what the helper says when it is not told what to do.
        (await Engine.ExecAsync(new ContainerOrder(place, ["/put-there"]), Soon())).ShouldBe(new ContainerExecEnd.Exited(64));
        await StopAsync(place);
        (await Engine.PutProgramAsync(place with { Id = "docker://" + new string('0', 64) }, "put-there", helper, Soon())).ShouldBe(new ContainerPut.NotThere());
    }
}

/// <summary>What files of this machine are to whoever sends them.</summary>
public abstract class SourceFilesContract
{
    protected abstract ISourceFiles Sources { get; }

    /// <summary>The absolute path of a file that holds this.</summary>
    protected abstract string Put(string name, byte[] content);

    protected abstract string Missing { get; }

    [Fact]
    public void A_file_is_read_from_its_start_as_often_as_it_is_opened()
    {
        string path = Put("file", [1, 2, 3]);
        for (int i = 0; i < 2; i++)
        {
            using Stream stream = Sources.Open(path).ShouldNotBeNull();
            var content = new MemoryStream();
            stream.CopyTo(content);
            content.ToArray().ShouldBe([1, 2, 3]);
        }
    }

    [Fact]
    public void What_is_not_there_cannot_be_opened() => Sources.Open(Missing).ShouldBeNull();
}
