using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

/// <summary>What containers get of a context beside what the build reads of it.</summary>
public class SyncedFilesTests
{
    private readonly FakeFileTree _files = new FakeFileTree()
        .Write("lib/Dockerfile", "FROM scratch\nCOPY src /lib\n").Write("lib/src/x", "1").Write("lib/docs/x", "1")
        .Write("api/Dockerfile", "FROM lib\nCOPY src /app\n").Write("api/src/x", "1").Write("api/docs/x", "1").Write("api/.dockerignore", "**/*.tmp\n");

    [Fact]
    public void An_image_reads_what_its_syncs_name_and_its_key_does_not()
    {
        ResolvedProject without = Load(""), with = Load("{from: api/docs, to: /docs}");
        ImageDefinition image = with.Image(new ImageName("api"));

        image.Reads("api/docs/y").ShouldBe(new BuildReason.FileChanged("api/docs/y", null, "sync"));
        image.Reads("api/src/y").ShouldBe(new BuildReason.FileChanged("api/src/y", 2, "COPY src /app"));
        image.Reads("api/docs/y.tmp").ShouldBeNull();
        image.Reads("api/other").ShouldBeNull();
        image.ReadsToBuild("api/docs/y").ShouldBeNull();
        without.Image(new ImageName("api")).Reads("api/docs/y").ShouldBeNull();
        KeyOf(with).ShouldBe(KeyOf(without));
        image.Identity.ShouldNotBe(without.Image(new ImageName("api")).Identity);
    }

    [Fact]
    public void A_base_reads_what_the_syncs_of_an_image_on_it_name()
    {
        ResolvedProject with = Load("{from: lib/docs, to: /docs}"), without = Load("{from: api/src, to: /app}");
        var name = new ImageName("lib");

        with.Image(name).Reads("lib/docs/y").ShouldNotBeNull().Instruction.ShouldBe("sync");
        with.Image(new ImageName("api")).SyncFilter.ShouldBeNull();
        without.Image(name).SyncFilter.ShouldBeNull();
        without.Image(name).Reads("lib/docs/y").ShouldBeNull();
        with.Image(name).Identity.ShouldNotBe(without.Image(name).Identity);
    }

    [Theory]
    [InlineData("{from: api/src, to: /app}")]
    [InlineData("{from: api/src/deep, to: /app/deep}")]
    public void What_the_build_reads_whole_is_read_once(string sync) => Load(sync).Image(new ImageName("api")).SyncFilter.ShouldBeNull();

    [Fact]
    public void A_name_with_signs_of_patterns_is_a_name()
    {
        _files.Write("api/pages/[id]/x", "1");
        ImageDefinition image = Load("{from: \"api/pages/[id]\", to: /pages}").Image(new ImageName("api"));
        image.Reads("api/pages/[id]/x").ShouldNotBeNull();
        image.Reads("api/pages/i/x").ShouldBeNull();
    }

    [Fact]
    public void An_edit_of_what_is_only_synced_builds_nothing_and_is_told_as_taken()
    {
        Plan plan = EditForecast.Of(Load("{from: api/docs, to: /docs}"), ["api/docs/x"]);
        plan.Builds.ShouldBeEmpty();
        plan.Paths.Single().Images.Single().Text.ShouldBe("taken by `sync`");
    }

    private ResolvedProject Load(string sync)
    {
        string live = sync.Length == 0 ? "" : $"\n    live_update:\n      - sync: {sync}";
        _files.Write("devloop.yaml", $"version: 1\nimages:\n  lib: {{context: lib}}\n  api:\n    context: api{live}\n");
        return FakeWork.Load(_files).Value.ShouldNotBeNull();
    }

    private static string KeyOf(ResolvedProject project) => ContentKeys.Of(
        project.Image(new ImageName("api")), ContextSnapshot.Empty, ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty).Value;
}
