using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every runner of processes does, the real one and the fake.</summary>
public abstract class ProcessRunnerContract
{
    /// <summary>The commands may be given in any directory.</summary>
    protected abstract IProcessRunner Runner { get; }

    protected abstract string Directory { get; }

    /// <summary>A command that writes these lines, the last without an end, and exits.</summary>
    protected abstract CommandWords Writing(int exit, params string[] lines);

    /// <summary>A command that writes a line and goes on until it is ended.</summary>
    protected abstract CommandWords GoingOn(string line);

    [Fact]
    public async Task What_a_program_writes_and_its_exit_code_are_told()
    {
        var lines = new ConcurrentQueue<string>();
        await using IRunningProcess process = Runner.Start(Order(Writing(3, "one", "two, without an end")), lines.Enqueue);
        (await process.Exit.WaitAsync(Patience)).ShouldBe(3);
        lines.ShouldBe(["one", "two, without an end"]);
    }

    [Fact]
    public async Task A_program_that_ends_well_has_exit_code_0()
    {
        await using IRunningProcess process = Runner.Start(Order(Writing(0)), _ => { });
        (await process.Exit.WaitAsync(Patience)).ShouldBe(0);
    }

    [Fact]
    public async Task Disposing_ends_what_goes_on()
    {
        var up = new TaskCompletionSource<string>();
        IRunningProcess process = Runner.Start(Order(GoingOn("up")), line => up.TrySetResult(line));
        (await up.Task.WaitAsync(Patience)).ShouldBe("up");
        process.Exit.IsCompleted.ShouldBeFalse();
        await process.DisposeAsync();
        (await process.Exit.WaitAsync(Patience)).ShouldNotBe(0);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_said() =>
        Should.Throw<ProcessStartException>(() => Runner.Start(Order(Writing(0)) with { Directory = Directory + "/none" }, _ => { })).Reason.ShouldContain("directory");

    protected static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    protected ProcessOrder Order(CommandWords command) => new(command, Directory, ImmutableSortedDictionary<string, string>.Empty);
}
