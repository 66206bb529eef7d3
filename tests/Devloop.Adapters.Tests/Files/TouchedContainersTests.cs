using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class TouchedContainersTests : TouchedContainersContract, IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-touched-").FullName;

    protected override ITouchedContainers Open() => new TouchedContainers(_directory);

    [Fact]
    public void An_entry_that_was_cut_off_is_passed_over()
    {
        Open().Touch("docker://1", [new TouchedFile(new ImageName("api"), "a.txt")]);
        File.AppendAllText(Directory.GetFiles(_directory).Single(), "api\0b.t");
        Open().In("docker://1").ShouldBe([new TouchedFile(new ImageName("api"), "a.txt")]);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_costs_the_memory_alone()
    {
        var memory = new TouchedContainers("/proc/devloop");
        memory.Touch("docker://1", [new TouchedFile(new ImageName("api"), "a.txt")]);
        memory.In("docker://1").Length.ShouldBe(1);
        memory.Sweep(CancellationToken.None);
    }

    [Fact]
    public void What_is_old_is_swept_out()
    {
        Open().Touch("docker://1", [new TouchedFile(new ImageName("api"), "a.txt")]);
        Open().Touch("docker://2", [new TouchedFile(new ImageName("api"), "a.txt")]);
        File.SetLastWriteTimeUtc(Directory.GetFiles(_directory).Order(StringComparer.Ordinal).First(), DateTime.UtcNow - TimeSpan.FromDays(31));
        new TouchedContainers(_directory).Sweep(CancellationToken.None);
        Directory.GetFiles(_directory).Length.ShouldBe(1);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}

public sealed class FakeTouchedContainersKeepTheContract : TouchedContainersContract
{
    private readonly Devloop.Testing.FakeTouchedContainers _memory = new();

    protected override ITouchedContainers Open() => _memory;
}
