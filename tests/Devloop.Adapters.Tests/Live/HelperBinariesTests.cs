using System.Diagnostics;
using System.Runtime.CompilerServices;
using Devloop.Adapters.LiveHelper;
using Devloop.Adapters.Tests.Support;

namespace Devloop.Adapters.Tests.Live;

/// <summary>What is embedded is what the source beside it makes.</summary>
public sealed class HelperBinariesTests
{
    private const int MostBytes = 20 * 1024;

    private static readonly string Folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src/Devloop.Adapters/LiveHelper"));

    [Fact]
    public async Task The_source_makes_the_embedded_bytes_again()
    {
        using var directory = new TemporaryDirectory();
        await RunAsync("bash", "-c", $". '{Folder}/../../../tests/testbed/lib.sh'; need gcc gcc libc6-dev; '{Folder}/build.sh' '{directory.Root}' amd64");
        byte[] built = await File.ReadAllBytesAsync(directory["helper-amd64"]);
        // Another compiler may make other bytes of the same source; the one that made these is written down.
        string compiler = (await RunAsync("gcc", "-dumpfullversion")).Trim();
        if ((await File.ReadAllTextAsync(Path.Combine(Folder, "compiler.txt"))).Contains($"gcc {compiler} ", StringComparison.Ordinal))
            built.AsSpan().SequenceEqual(HelperBinaries.Load().Amd64.Span).ShouldBeTrue("LiveHelper/build.sh was not run after a change of its source");
        built.Length.ShouldBeLessThan(MostBytes);
    }

    [Fact]
    public async Task Both_binaries_are_of_the_source_as_it_is() =>
        (await File.ReadAllTextAsync(Path.Combine(Folder, "compiler.txt"))).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]
            .ShouldBe("source " + (await RunAsync("bash", "-c", $"cd '{Folder}' && cat *.h *.c build.sh | sha256sum")).Split(' ')[0], "LiveHelper/build.sh was not run after a change of its source");

    [Fact]
    public void Each_is_a_small_static_program_of_its_machine()
    {
        // ELF: the machine stands at byte 18; 62 is x86-64, 183 is AArch64.
        foreach ((ReadOnlyMemory<byte> program, int machine) in new[] { (HelperBinaries.Load().Amd64, 62), (HelperBinaries.Load().Arm64, 183) })
        {
            program.Span[..4].SequenceEqual("\u007fELF"u8).ShouldBeTrue();
            ((int)program.Span[18]).ShouldBe(machine);
            program.Length.ShouldBeLessThan(MostBytes);
        }
    }

    private static string Here([CallerFilePath] string file = "") => file;

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors);
        return output;
    }
}
