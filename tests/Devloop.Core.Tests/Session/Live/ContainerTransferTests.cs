using System.Collections.Immutable;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Session.Live;
using Devloop.Testing;

namespace Devloop.Core.Tests.Session.Live;

public sealed class ContainerTransferTests
{
    private static readonly ContainerPlace Place = new("default", "web-1", "main", "docker://one");

    private readonly FakeEngineContainers _engine = new();
    private readonly FakeSourceFiles _sources = new();
    private readonly FakeClock _clock = new();

    public ContainerTransferTests() => _engine.Start(Place.Id);

    [Fact]
    public async Task Files_of_any_size_arrive_byte_for_byte_and_what_is_gone_goes()
    {
        OverlayEntry[] files = [.. new[] { 0, 1, 511, 512, 513, 128 * 1024, (128 * 1024) + 1, 1_000_003 }.Select(size => File($"/app/{size}", Bytes(size)))];
        await UpdatedAsync([.. files, File("/app/old/one", [1]), File("/app/older", [1])]);
        await UpdatedAsync([new OverlayEntry.Gone("/app/old"), File("/app/new", [1])]);

        IReadOnlyDictionary<string, byte[]> there = _engine.Files(Place.Id);
        there.Keys.ShouldBe([.. files.Select(f => f.Path), "/app/older", "/app/new"], ignoreOrder: true);
        foreach (OverlayEntry.File file in files.Cast<OverlayEntry.File>())
            ContentHash.Of(there[file.Path]).ShouldBe(file.Hash);
    }

    [Fact]
    public async Task All_files_and_the_restart_are_one_command_and_commands_come_in_between()
    {
        await UpdatedAsync([File("/app/a", [1]), File("/app/b", [2])], restart: true);
        _engine.Begun.ShouldHaveSingleItem().Words.ShouldBe(["/.devloop-helper", "apply", "--restart", "main"]);
        _engine.Begun.Clear();

        // The supervisor is not one of the programs that the fake container has.
        ContainerUpdateOutcome outcome = await Transfer().UpdateAsync(
            new ContainerUpdate { Place = Place, Entries = [File("/app/a", [1])], Runs = [new CommandWords(["/bin/busybox", "echo", "x"], Shell: false)], Restart = true }, default);
        outcome.ShouldBeOfType<ContainerUpdateOutcome.Refused>().Why.Code.ShouldBe(DiagnosticCode.ContainerNoSupervisor);
        _engine.Begun.Select(b => string.Join(' ', b.Words)).ShouldBe(["/.devloop-helper apply", "/bin/busybox echo x", "/.devloop/helper restart main"]);
        _engine.Begun.Select(b => b.AsRoot).ShouldBe([true, false, true]);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task A_file_that_is_not_what_was_hashed_is_obsolete_whether_it_grew_shrank_or_went(int size)
    {
        foreach (byte[]? now in new byte[]?[] { Bytes(size + 1), Bytes(size - 1), [.. Bytes(size - 1), 0], null })
        {
            OverlayEntry.File file = File("/app/file", Bytes(size));
            if (now is null)
                _sources.Delete(file.Source);
            else
                _sources.Write(file.Source, now);
            (await Transfer().UpdateAsync(new ContainerUpdate { Place = Place, Entries = [file] }, default)).ShouldBe(new ContainerUpdateOutcome.Obsolete(file.Source), $"{now?.Length} bytes");
            _engine.Files(Place.Id).Keys.ShouldNotContain("/app/file");
        }
    }

    [Fact]
    public async Task A_container_that_is_gone_is_told_as_gone()
    {
        ContainerTransfer transfer = Transfer();
        ContainerUpdate update = new() { Place = Place, Entries = [File("/app/a", [1])] };
        (await transfer.UpdateAsync(update, default)).ShouldBeOfType<ContainerUpdateOutcome.Updated>();
        _engine.Stop(Place.Id);
        (await transfer.UpdateAsync(update, default)).ShouldBeOfType<ContainerUpdateOutcome.Gone>();
        (await Transfer().UpdateAsync(update, default)).ShouldBeOfType<ContainerUpdateOutcome.Gone>();
    }

    [Theory]
    [InlineData(false, typeof(ContainerUpdateOutcome.Gone))]
    [InlineData(null, typeof(ContainerUpdateOutcome.Broken))]
    public async Task Nobody_waits_for_a_container_that_ended_or_for_an_engine_that_is_silent(bool? runs, Type outcome)
    {
        var silent = new SilentEngine();
        Task<ContainerUpdateOutcome> update = new ContainerTransfer(null, silent, _sources, new HelperPrograms(new byte[1], new byte[1]), _clock)
            .UpdateAsync(new ContainerUpdate { Place = Place, Entries = [File("/app/a", [1])] }, default);
        await silent.Begun;
        silent.Runs = runs;
        while (!update.IsCompleted)
        {
            await Task.WhenAny(update, _clock.UntilTimersAsync(1, TimeSpan.FromSeconds(2)));
            _clock.Advance(TimeSpan.FromSeconds(2));
        }
        (await update).ShouldBeOfType(outcome);
    }

    [Fact]
    public async Task A_command_that_goes_on_for_long_is_not_given_up_as_long_as_its_container_runs()
    {
        var silent = new SilentEngine();
        using var cancellation = new CancellationTokenSource();
        Task<ContainerUpdateOutcome> update = new ContainerTransfer(null, silent, _sources, new HelperPrograms(new byte[1], new byte[1]), _clock)
            .UpdateAsync(new ContainerUpdate { Place = Place, Runs = [new CommandWords(["make"], Shell: false)] }, cancellation.Token);
        await silent.Begun;
        for (int i = 0; i < 100; i++)
        {
            await _clock.UntilTimersAsync(1, TimeSpan.FromSeconds(2));
            _clock.Advance(TimeSpan.FromSeconds(2));
        }
        update.IsCompleted.ShouldBeFalse();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(update);
    }

    private async Task UpdatedAsync(ImmutableArray<OverlayEntry> entries, bool restart = false) =>
        (await Transfer().UpdateAsync(new ContainerUpdate { Place = Place, Entries = entries, Restart = restart }, default)).ShouldBeOfType<ContainerUpdateOutcome.Updated>();

    private ContainerTransfer Transfer() => new(null, _engine, _sources, new HelperPrograms(Encoding.ASCII.GetBytes("helper"), default), _clock);

    private OverlayEntry.File File(string path, byte[] content)
    {
        string source = "/src" + path;
        _sources.Write(source, content);
        return new OverlayEntry.File(path, source, content.Length, ContentHash.Of(content), 0x1A4, -1_500_000_000);
    }

    private static byte[] Bytes(int size)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
            bytes[i] = (byte)((i * 31) + 7);
        return bytes;
    }

    /// <summary>Begins commands that never end.</summary>
    private sealed class SilentEngine : IEngineContainers
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public bool? Runs { get; set; } = true;

        public Task<string?> ArchitectureAsync(CancellationToken cancellationToken) => Task.FromResult<string?>("amd64");

        public Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken) => Task.FromResult(Runs);

        public Task<ContainerPut> PutProgramAsync(ContainerPlace place, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => Task.FromResult<ContainerPut>(new ContainerPut.Done());

        public async Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken)
        {
            _begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("never");
        }
    }
}
