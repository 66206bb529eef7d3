using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

/// <summary>
/// Files that change while they are on the way to the engine: what was hashed is what is sent, or the build counts for nothing.
/// The way to the engine is held in mid-transfer, so that each change comes at the same moment every time.
/// </summary>
[Trait("Needs", "Engine")]
public sealed class ChangesWhileSentTests : IDisposable
{
    /// <summary>More than a connection and both its ends hold, so that the file is not read to its end when the way is held.</summary>
    private const int Large = 48 << 20;

    private readonly TemporaryDirectory _files = new();

    public ChangesWhileSentTests()
    {
        byte[] content = new byte[Large];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(_files["a"], content);
    }

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, Action<string>> Changes => new()
    {
        { "one byte is another", path => Edit(path, file => file.Seek(-1, SeekOrigin.End), 1) },
        { "it grows", path => Edit(path, file => file.Seek(0, SeekOrigin.End), 1) },
        { "it shrinks", path => Edit(path, file => file.SetLength(Large / 2), 0) },
        { "it is emptied", path => Edit(path, file => file.SetLength(0), 0) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_file_that_changes_in_mid_transfer_makes_the_build_obsolete(string how, Action<string> change)
    {
        how.ShouldNotBeEmpty();
        (await BuildAsync(() => change(_files["a"]))).ShouldBe(new BuildOutcome.Obsolete("a"));
    }

    public static TheoryData<string, Action<string>> Replacements => new()
    {
        { "it vanishes", File.Delete },
        { "it becomes a directory", path => { File.Delete(path); Directory.CreateDirectory(path); } },
        { "it becomes a link", path => { File.Delete(path); File.CreateSymbolicLink(path, "elsewhere"); } },
        { "another takes its place", path => { File.WriteAllBytes(path + "~", new byte[Large]); File.Move(path + "~", path, overwrite: true); } },
    };

    [Theory]
    [MemberData(nameof(Replacements))]
    public async Task A_file_that_is_replaced_before_its_turn_makes_the_build_obsolete(string how, Action<string> change)
    {
        how.ShouldNotBeEmpty();
        BuildOrder order = Order();
        change(_files["a"]);
        await using BuildKitImageBuilder builder = Builder(TestEngine.Dialer());

        (await builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBe(new BuildOutcome.Obsolete("a"));
    }

    [Theory]
    [MemberData(nameof(Replacements))]
    public async Task A_file_that_is_replaced_in_mid_transfer_arrives_as_it_was_hashed(string how, Action<string> change)
    {
        how.ShouldNotBeEmpty();
        BuildOrder order = Order(); // the content of the moment when it was hashed
        BuildOutcome.Built held = (await BuildAsync(() => change(_files["a"]), order)).ShouldBeOfType<BuildOutcome.Built>();

        if (Directory.Exists(_files["a"]))
            Directory.Delete(_files["a"]);
        await using BuildKitImageBuilder builder = Builder(TestEngine.Dialer());
        (await builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBe(held);
    }

    /// <summary>Builds, and makes a change when the first bytes of the first files are through.</summary>
    private async Task<BuildOutcome> BuildAsync(Action change, BuildOrder? order = null)
    {
        await using var proxy = new CuttableProxy();
        await using BuildKitImageBuilder builder = Builder(proxy.Dialer);
        Task held = proxy.HoldAfterAsync(1 << 20);
        Task<BuildOutcome> building = builder.BuildAsync(order ?? Order(), new RecordedProgress(), CancellationToken.None);
        await held;
        change();
        proxy.Release();
        BuildOutcome outcome = await building.WaitAsync(TimeSpan.FromMinutes(2));
        (outcome as BuildOutcome.Failed)?.Diagnostics.Select(d => $"{d.Code} {d.Message} {string.Join(' ', d.Notes)}").ShouldBeEmpty();
        return outcome;
    }

    private BuildOrder Order() => new()
    {
        Image = new ImageName("changes-" + Path.GetFileName(_files.Root)),
        DockerfileName = "Dockerfile",
        DockerfileText = "FROM scratch\nCOPY . /all\n",
        Context = _files.Snapshot(),
    };

    private static BuildKitImageBuilder Builder(IDialer dialer) => new(dialer, new RegistryCredentials(DockerConfigFile.FromEnvironment()));

    private static void Edit(string path, Action<FileStream> place, int bytes)
    {
        using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        place(file);
        file.Write(Guid.NewGuid().ToByteArray().AsSpan(0, bytes));
    }
}
