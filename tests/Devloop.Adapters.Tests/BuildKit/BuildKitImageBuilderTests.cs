using System.Collections.Immutable;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.BuildKit;

[Trait("Needs", "Engine")]
public sealed class BuildKitImageBuilderTests(TestEngine engine) : ImageBuilderContract, IClassFixture<TestEngine>
{
    private static readonly ImageReference Base = Reference("devloop.test/busybox:contract");

    protected override IImageBuilder Builder => engine.Builder;

    protected override IImageStore Store => engine.Store;

    protected override BuildOrder FailingOrder()
    {
        EnsureBase();
        return OnBase("RUN echo no luck && exit 3");
    }

    protected override BuildOrder EndlessOrder()
    {
        EnsureBase();
        return OnBase($"RUN echo begun && sleep 3600 # {Guid.NewGuid()}");
    }

    [Fact]
    public async Task A_child_stands_on_a_local_tag_that_no_registry_has()
    {
        ImageDigest child = await Build(OnBase("RUN echo child > /child"));

        (await Store.FindAsync(child.Value, CancellationToken.None)).ShouldBe(child);
    }

    [Fact]
    public async Task What_is_sent_of_the_context_is_told_to_its_end()
    {
        byte[] content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(Path.Combine(Files.Root, "large"), content);
        var progress = new RecordedProgress();
        await Builder.BuildAsync(Order() with { DockerfileText = "FROM scratch\nCOPY large /large\n", Context = Files.Snapshot() }, progress, CancellationToken.None);

        BuildProgress.Upload[] told = [.. progress.All.OfType<BuildProgress.Upload>()];
        told[^1].ShouldBe(new BuildProgress.Upload(1, content.Length, content.Length, Done: true));
        told[..^1].ShouldAllBe(u => !u.Done && u.Bytes <= content.Length);
    }

    [Fact]
    public async Task A_build_arg_reaches_the_step()
    {
        var progress = new RecordedProgress();
        BuildOrder order = OnBase("ARG word\nRUN echo said $word " + Guid.NewGuid());
        await Builder.BuildAsync(order with { Args = Map("word", "aloud") }, progress, CancellationToken.None);

        progress.Lines.ShouldContain(l => l.StartsWith("said aloud", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_target_stage_is_built()
    {
        var progress = new RecordedProgress();
        BuildOrder order = OnBase("RUN echo first " + Guid.NewGuid() + "\nFROM scratch AS second\nCOPY --from=0 /bin/busybox /b\n");
        order = order with { DockerfileText = order.DockerfileText.Replace("contract\n", "contract AS first\n", StringComparison.Ordinal), Target = "first" };
        (await Builder.BuildAsync(order, progress, CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>();

        progress.All.OfType<BuildProgress.StepStarted>().ShouldNotContain(s => s.Step.Contains("COPY --from", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_that_does_not_exist_is_rejected()
    {
        Diagnostic diagnostic = await FailureOf(OnBase("RUN true") with { Target = "nowhere" });

        diagnostic.Code.ShouldBe(DiagnosticCode.BuildRejected);
        diagnostic.Message.ShouldContain("nowhere");
    }

    [Fact]
    public async Task An_unknown_instruction_is_rejected_with_its_line()
    {
        Diagnostic diagnostic = await FailureOf(OnBase("\n# comment\nRUNN true"));

        diagnostic.Code.ShouldBe(DiagnosticCode.BuildRejected);
        diagnostic.At!.Line.ShouldBe(4);
        diagnostic.Message.ShouldContain("unknown instruction", Case.Insensitive);
    }

    [Fact]
    public async Task The_failing_line_is_found_among_continued_lines_and_equal_steps()
    {
        Diagnostic diagnostic = await FailureOf(OnBase("RUN true && \\\n    # a comment\n    true\nFROM devloop.test/busybox:contract AS last\nRUN echo a; \\\n    false"));

        diagnostic.Code.ShouldBe(DiagnosticCode.BuildStepFailed);
        diagnostic.At!.Line.ShouldBe(6);
    }

    [Fact]
    public async Task A_copied_file_that_is_no_input_is_explained()
    {
        Diagnostic diagnostic = await FailureOf(Order() with { Context = ContextSnapshot.Empty });

        diagnostic.Code.ShouldBe(DiagnosticCode.BuildStepFailed);
        diagnostic.At!.Line.ShouldBe(2);
        diagnostic.Help!.ShouldContain("not among the inputs");
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task A_base_that_its_registry_does_not_have_is_named_with_its_line()
    {
        string missing = TestEngine.Registry + "/devloop/no-such-base:1";
        Diagnostic diagnostic = await FailureOf(Order() with { DockerfileText = $"\nFROM {missing}\n" });

        diagnostic.Code.ShouldBe(DiagnosticCode.BaseNotFound);
        diagnostic.Message.ShouldContain(missing);
        diagnostic.At!.Line.ShouldBe(2);
    }

    [Fact]
    public async Task A_registry_out_of_reach_is_a_failure_of_the_network()
    {
        Diagnostic diagnostic = await FailureOf(Order() with { DockerfileText = "FROM 127.0.0.1:1/devloop/base:1\n" });

        diagnostic.Code.ShouldBe(DiagnosticCode.BuildNetwork);
        diagnostic.At!.Line.ShouldBe(1);
    }

    [Fact]
    public async Task An_edit_that_keeps_size_and_time_is_not_missed()
    {
        var when = new DateTime(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);
        Files.Write("greeting", "aaaa");
        File.SetLastWriteTimeUtc(Files["greeting"], when);
        ImageDigest first = await Build(Order());
        Files.Write("greeting", "bbbb");
        File.SetLastWriteTimeUtc(Files["greeting"], when);

        (await Build(Order())).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_file_that_vanished_makes_the_build_obsolete()
    {
        Files.Write("greeting", Guid.NewGuid().ToString());
        BuildOrder order = Order();
        File.Delete(Files["greeting"]);
        Directory.CreateDirectory(Files["greeting"]);

        (await Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBe(new BuildOutcome.Obsolete("greeting"));
    }

    [Fact]
    public async Task An_ignore_file_in_the_context_takes_nothing_away()
    {
        Files.Write("greeting", "hello").Write(".dockerignore", "*\n");

        await Build(Order());
    }

    [Fact]
    public async Task Modes_links_and_empty_directories_arrive()
    {
        EnsureBase();
        Files.Write("dir/script", "#!").Write("dir/other", "");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Files["dir/script"], UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser);
        File.CreateSymbolicLink(Files["dir/link"], "../outside");
        Directory.CreateDirectory(Files["dir/empty"]);
        var progress = new RecordedProgress();
        await Builder.BuildAsync(Order() with
        {
            DockerfileText = $"FROM {Base.Familiar}\nCOPY dir /dir\nRUN cd /dir && stat -c '%n %a' script && readlink link && ls -d empty && echo {Guid.NewGuid()}\n",
            Context = Files.Snapshot(),
        }, progress, CancellationToken.None);

        progress.Lines.ShouldContain("script 4500");
        progress.Lines.ShouldContain("../outside");
        progress.Lines.ShouldContain("empty");
    }

    [Fact]
    public async Task Labels_and_hosts_reach_the_image_and_its_steps()
    {
        var progress = new RecordedProgress();
        ImageDigest plain = await Build(OnBase("WORKDIR /a"));
        ImageDigest labelled = await Build(OnBase("WORKDIR /a") with { Labels = Map("team", "loop") });
        await Builder.BuildAsync(OnBase("RUN cat /etc/hosts # " + Guid.NewGuid()) with { ExtraHosts = Map("db.local", "10.1.2.3") }, progress, CancellationToken.None);

        labelled.ShouldNotBe(plain);
        progress.Lines.ShouldContain(l => l.Contains("10.1.2.3", StringComparison.Ordinal) && l.Contains("db.local", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_cache_every_step_runs_again()
    {
        var progress = new RecordedProgress();
        await Build(OnBase("RUN echo once"));
        await Builder.BuildAsync(OnBase("RUN echo once") with { NoCache = true }, progress, CancellationToken.None);

        progress.Lines.ShouldContain("once");
    }

    [Fact]
    public async Task A_step_without_network_has_none()
    {
        var progress = new RecordedProgress();
        await Builder.BuildAsync(OnBase("RUN ls /sys/class/net # " + Guid.NewGuid()) with { Network = "none" }, progress, CancellationToken.None);

        progress.Lines.Order().ShouldBe(["lo"]);
    }

    [Fact]
    public async Task A_large_context_arrives_whole()
    {
        for (int i = 0; i < 3000; i++)
            Files.Write($"many/{i % 50}/file-{i}", $"content {i}");
        var progress = new RecordedProgress();
        EnsureBase();
        await Builder.BuildAsync(Order() with
        {
            DockerfileText = $"FROM {Base.Familiar}\nCOPY many /many\nRUN cat $(find /many -type f | sort) | wc -l && find /many -type f | wc -l && echo {Guid.NewGuid()}\n",
            Context = Files.Snapshot(),
        }, progress, CancellationToken.None);

        progress.Lines.ShouldContain("3000");
    }

    [Fact]
    public async Task A_file_that_no_step_reads_may_change_meanwhile()
    {
        Files.Write("greeting", "hello").Write("dir/read", Guid.NewGuid().ToString()).Write("dir/unread", Guid.NewGuid().ToString());
        File.CreateSymbolicLink(Files["link"], "dir/read");
        BuildOrder order = Order() with { DockerfileText = "FROM scratch\nCOPY greeting link /\n" };
        Files.Write("dir/unread", Guid.NewGuid().ToString());

        await Build(order);
    }

    [Fact]
    public async Task A_lost_connection_is_told_and_the_next_build_makes_a_new_one()
    {
        await using var proxy = new CuttableProxy();
        await using var builder = new BuildKitImageBuilder(proxy.Dialer, new RegistryCredentials(new DockerConfigFile(Files.Root)));
        var progress = new RecordedProgress();
        Task<BuildOutcome> endless = builder.BuildAsync(EndlessOrder(), progress, CancellationToken.None);
        await progress.Until(p => p is BuildProgress.Output { Line: "begun" });

        proxy.Cut();

        (await endless).ShouldBeOfType<BuildOutcome.Lost>().Why.Code.ShouldBe(DiagnosticCode.BuilderLost);
        Files.Write("greeting", "again");
        (await builder.BuildAsync(Order(), new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>();
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_is_the_environments_fault()
    {
        await using var builder = new BuildKitImageBuilder(new EngineDialer(new EngineAddress.Unix(Files["no.sock"])), new RegistryCredentials(new DockerConfigFile(Files.Root)));

        BuildOutcome.Failed failed = (await builder.BuildAsync(Order(), new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Failed>();

        failed.Environment.ShouldBeTrue();
        failed.Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.EngineUnreachable);
    }

    private async Task<Diagnostic> FailureOf(BuildOrder order) =>
        (await Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Failed>().Diagnostics.ShouldHaveSingleItem();

    /// <summary>An order without inputs whose first line names a local base that no registry has.</summary>
    private BuildOrder OnBase(string rest)
    {
        EnsureBase();
        return Order() with { DockerfileText = $"FROM {Base.Familiar}\n{rest}\n", Context = ContextSnapshot.Empty };
    }

    private void EnsureBase()
    {
        using TemporaryDirectory files = new TemporaryDirectory().WithBusybox();
        ImageDigest built = Build(Order() with { Image = new ImageName("busybox"), DockerfileText = TestEngine.Busybox, Context = files.Snapshot() }).GetAwaiter().GetResult();
        Store.TagAsync(built, Base, CancellationToken.None).GetAwaiter().GetResult().ShouldBeTrue();
    }

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out ImageReference? reference) ? reference : throw new ArgumentException(text, nameof(text));

    private static ImmutableSortedDictionary<string, string> Map(string key, string value) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(key, value);
}
