using System.Diagnostics;
using System.Globalization;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Support;
using Devloop.Model;
using Devloop.Ports;
using Xunit.Abstractions;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>Alone in the process, since it counts what the process holds.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>A day of builds in one process: nothing of a build stays behind when it is over, however it ended.</summary>
[Trait("Needs", "Engine")]
[Collection(AloneCollection.Name)]
public sealed class ManyBuildsTests : IDisposable
{
    private const int Builds = 200;
    private const int AtOnce = 8;

    /// <summary>What a process may hold more after all builds than after the first ones; one build reads some 5 MB.</summary>
    private const long MemorySlack = 4 << 20;

    private readonly TemporaryDirectory _files = new TemporaryDirectory().WithBusybox();
    private readonly CuttableProxy _proxy = new();
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly TemporaryDirectory _temporary = new();
    private readonly string? _temporaryBefore = Environment.GetEnvironmentVariable("TMPDIR");
    private readonly BuildKitImageBuilder _builder;
    private readonly ITestOutputHelper _output;
    private ContextSnapshot? _context;

    public ManyBuildsTests(ITestOutputHelper output)
    {
        _output = output;
        _builder = new BuildKitImageBuilder(_proxy.Dialer, new RegistryCredentials(DockerConfigFile.FromEnvironment()));
        Environment.SetEnvironmentVariable("TMPDIR", _temporary.Root);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("TMPDIR", _temporaryBefore);
        _proxy.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _temporary.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Two_hundred_builds_in_a_row_leave_nothing_behind()
    {
        for (int i = 0; i < 20; i++)
            await BuildAsync(i);
        Holdings before = Holdings.Now(_proxy);
        long began = Stopwatch.GetTimestamp();
        for (int i = 20; i < 20 + Builds; i++)
            await BuildAsync(i);
        Tell($"{Builds} builds in a row, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s", before, Holdings.Now(_proxy));

        Holdings.Now(_proxy).ShouldHoldNoMoreThan(before);
        await EndAsync();
    }

    [Fact]
    public async Task Eight_at_a_time_with_cancellation_at_random_leave_nothing_behind()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        await RunAsync(random, 24);
        Holdings before = Holdings.Now(_proxy);
        (int built, int cancelled) = await RunAsync(random, Builds);
        Tell($"{Builds} builds, {AtOnce} at a time, {built} built and {cancelled} cancelled", before, Holdings.Now(_proxy));

        built.ShouldBeGreaterThan(0);
        cancelled.ShouldBeGreaterThan(0);
        Holdings.Now(_proxy).ShouldHoldNoMoreThan(before);
        await UntilAsync(() => !StepsRun(), "a step of a cancelled build runs on");
        await BuildAsync(-1);
        await EndAsync();
    }

    private async Task<(int Built, int Cancelled)> RunAsync(Random random, int builds)
    {
        int built = 0, cancelled = 0;
        int[] cancels = [.. Enumerable.Range(0, builds).Select(_ => random.Next(0, 400))];
        await Parallel.ForEachAsync(Enumerable.Range(0, builds), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            // Half of them are let go on to their end.
            using var cancel = new CancellationTokenSource();
            if (cancels[i] < 200)
                cancel.CancelAfter(cancels[i]);
            try
            {
                BuildOutcome outcome = await _builder.BuildAsync(Order(i, $"RUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox sleep 0.1; : {_mark} {Guid.NewGuid()}\"]\n"), new RecordedProgress(), cancel.Token);
                outcome.ShouldBeOfType<BuildOutcome.Built>();
                Interlocked.Increment(ref built);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref cancelled);
            }
        });
        return (built, cancelled);
    }

    private async Task BuildAsync(int number) =>
        (await _builder.BuildAsync(Order(number, ""), new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>();

    private BuildOrder Order(int number, string rest) => new()
    {
        Image = new ImageName("many-" + (number % AtOnce).ToString(CultureInfo.InvariantCulture)),
        DockerfileName = "Dockerfile",
        DockerfileText = $"FROM scratch\nCOPY busybox /bin/busybox\n{rest}LABEL number={number}\n",
        Context = _context ??= _files.Snapshot(),
    };

    /// <summary>Once the builder is gone, no connection is left.</summary>
    private async Task EndAsync()
    {
        await _builder.DisposeAsync();
        await UntilAsync(() => _proxy.Connections == 0, "a connection is left open");
    }

    private bool StepsRun() => Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Any(d =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(d, "cmdline")).Contains(_mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended meanwhile
        }
    });

    private static async Task UntilAsync(Func<bool> holds, string otherwise)
    {
        long began = Stopwatch.GetTimestamp();
        while (!holds())
        {
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30), otherwise);
            await Task.Delay(20);
        }
    }

    private void Tell(string what, Holdings before, Holdings after) =>
        _output.WriteLine($"{what}: memory {before.Memory / 1024} -> {after.Memory / 1024} KiB, open files {before.Files} -> {after.Files}, threads {before.Threads} -> {after.Threads}, connections {before.Connections} -> {after.Connections}, temporary files {before.Temporary} -> {after.Temporary}");

    /// <param name="Memory">Bytes of the managed heap after a full collection.</param>
    private sealed record Holdings(long Memory, int Files, int Threads, int Connections, int Temporary)
    {
        public static Holdings Now(CuttableProxy proxy)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            using Process process = Process.GetCurrentProcess();
            return new Holdings(GC.GetTotalMemory(forceFullCollection: true), Directory.GetFiles("/proc/self/fd").Length, process.Threads.Count, proxy.Connections,
                Directory.GetFileSystemEntries(Path.GetTempPath()).Length);
        }

        public void ShouldHoldNoMoreThan(Holdings before)
        {
            (Memory - before.Memory).ShouldBeLessThan(MemorySlack);
            Files.ShouldBeLessThanOrEqualTo(before.Files + 2); // the runtime opens some of its own now and then
            Connections.ShouldBeLessThanOrEqualTo(before.Connections);
            Temporary.ShouldBe(before.Temporary);
        }
    }
}
