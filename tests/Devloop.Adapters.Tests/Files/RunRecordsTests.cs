using System.Diagnostics;
using Devloop.Adapters.Files.Runs;
using Devloop.Adapters.Tests.Support;

namespace Devloop.Adapters.Tests.Files;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RunRecordsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _files = new();

    private RunRecords Records => new(_files["runs"]);

    public void Dispose() => _files.Dispose();

    private static RunRecord Mine(string config = "/shop/devloop.yaml", string? @namespace = "dev") =>
        RunRecord.OfThisProcess(config, "kind-dev", @namespace, 10350, "0123456789abcdef0123456789abcdef", hasPage: true, Noon);

    [Fact]
    public void A_run_is_found_by_its_config_until_it_is_over()
    {
        Records.Claim(Mine()).ShouldBeNull();
        Records.Of("/shop/devloop.yaml").ShouldBe([Mine()]);
        Records.Find("/shop/devloop.yaml", "kind-dev", "dev").ShouldBe(Mine());
        Records.Find("/shop/devloop.yaml", "kind-dev", "other").ShouldBeNull();
        Records.Of("/other/devloop.yaml").ShouldBeEmpty();
        Records.Release(Mine());
        Records.Of("/shop/devloop.yaml").ShouldBeEmpty();
    }

    [Fact]
    public void Only_its_user_can_read_it()
    {
        Directory.CreateDirectory(_files["runs"], (UnixFileMode)0b111_111_111);
        Records.Claim(Mine());
        File.GetUnixFileMode(_files["runs"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string record = Directory.GetFiles(_files["runs"], "*.json").ShouldHaveSingleItem();
        File.GetUnixFileMode(record).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Path.GetFileName(record).ShouldNotContain("shop");
        Mine().ToString().ShouldNotContain(Mine().Token);
    }

    [Fact]
    public void A_second_run_of_the_same_place_learns_of_the_first_and_one_elsewhere_does_not()
    {
        using Process other = Process.Start(new ProcessStartInfo("sleep", "300"))!;
        try
        {
            RunRecord first = OfProcess(other.Id);
            Records.Claim(first).ShouldBeNull();
            Records.Claim(Mine()).ShouldBe(first);
            Records.Claim(Mine(@namespace: "test")).ShouldBeNull();
            Records.Of("/shop/devloop.yaml").Length.ShouldBe(2);
            Records.Release(Mine());
            Records.Find("/shop/devloop.yaml", "kind-dev", "dev").ShouldBe(first, "nobody releases what is another's");
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
        Records.Claim(Mine()).ShouldBeNull("a process that was killed blocks nobody");
    }

    [Fact]
    public void A_process_that_got_the_number_of_one_that_is_gone_is_not_taken_for_it()
    {
        Records.Claim(Mine() with { Started = "another boot 1" }).ShouldBeNull();
        Records.Of("/shop/devloop.yaml").ShouldBeEmpty();
        Directory.GetFiles(_files["runs"], "*.json").ShouldBeEmpty("it is taken away");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"pid\": \"x\"}")]
    [InlineData("not json")]
    public void What_is_no_record_is_passed_over(string text)
    {
        Records.Claim(Mine());
        File.WriteAllText(Directory.GetFiles(_files["runs"], "*.json").Single(), text);
        Records.Of("/shop/devloop.yaml").ShouldBeEmpty();
        Records.Claim(Mine()).ShouldBeNull();
        Records.Of("/shop/devloop.yaml").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_many_that_ask_at_once_one_gets_the_place()
    {
        RunRecord?[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(() => Records.Claim(Mine() with { Port = 1000 + n }))));
        answers.Count(a => a is null).ShouldBe(1);
        answers.OfType<RunRecord>().Distinct().ShouldHaveSingleItem().ShouldBe(Records.Of("/shop/devloop.yaml").Single());
    }

    [Fact]
    public void A_config_has_one_name_whatever_links_lead_to_it()
    {
        _files.Write("real/devloop.yaml", "version: 1\n");
        Directory.CreateSymbolicLink(_files["link"], _files["real"]);
        File.CreateSymbolicLink(_files["real/other.yaml"], "devloop.yaml");
        string name = RunRecords.NameOf(_files["real/devloop.yaml"]);
        RunRecords.NameOf(_files["link/devloop.yaml"]).ShouldBe(name);
        RunRecords.NameOf(_files["real/other.yaml"]).ShouldBe(name);
        RunRecords.NameOf(_files["real/missing.yaml"]).ShouldBe(Path.Combine(Path.GetDirectoryName(name)!, "missing.yaml"));
    }

    private static RunRecord OfProcess(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        string started = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        return Mine() with { Pid = pid, Started = $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {started}" };
    }
}
