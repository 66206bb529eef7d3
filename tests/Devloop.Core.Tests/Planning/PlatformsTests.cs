using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class PlatformsTests
{
    private const string Two = "platforms: [linux/amd64, linux/arm64]";

    [Fact]
    public void A_file_that_any_platform_reads_is_an_input()
    {
        const string dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY bin-$TARGETARCH /bin\n";

        ImageDefinition both = Image(Two, dockerfile), one = Image("platform: linux/amd64", dockerfile);

        both.Reads("bin-amd64").ShouldNotBeNull();
        both.Reads("bin-arm64").ShouldNotBeNull();
        both.Reads("bin-riscv64").ShouldBeNull();
        one.Reads("bin-arm64").ShouldBeNull();
    }

    [Fact]
    public void A_base_that_only_one_platform_reaches_is_a_base()
    {
        ImageDefinition image = Image(Two, "FROM base AS from-amd64\nFROM other:1 AS from-arm64\nFROM from-${TARGETARCH}\n".Insert(0, "ARG TARGETARCH\n"));

        image.Bases.ShouldBe([new ImageName("base")]);
        image.ExternalBases.ShouldBe(["other:1"]);
    }

    [Fact]
    public void The_order_names_all_platforms()
    {
        ImageDefinition image = Image(Two, "FROM scratch\nCOPY bin-amd64 /\n");
        var key = new ContentKey(new string('0', 64));
        var reading = new InputReading(ContextSnapshot.Empty, image.Filter, image.Filter);

        BuildOrders.Of(image, new Fingerprint(image, key, reading, ImmutableSortedDictionary<ImageName, ImageDigest>.Empty), ImagePlace.OfEngine, noCache: false).Platform.ShouldBe("linux/amd64,linux/arm64");
        image.Target.IsIndex.ShouldBeTrue();
    }

    [Fact]
    public void Another_image_for_each_platform_is_refused_at_its_line()
    {
        Diagnostic problem = Load(Two, "ARG TARGETARCH\nFROM base-${TARGETARCH}\n").Diagnostics.ShouldHaveSingleItem();

        (problem.Code, problem.At!.Line).ShouldBe((DiagnosticCode.NotSupported, 2));
        problem.Message.ShouldStartWith("image `api` stands on other images for `linux/amd64` and for `linux/arm64`");
    }

    [Fact]
    public void One_platform_or_several_but_not_both()
    {
        Diagnostic problem = Load(Two + ", platform: linux/amd64", "FROM scratch\n").Diagnostics.ShouldHaveSingleItem();

        (problem.Code, problem.Message).ShouldBe((DiagnosticCode.ConflictingKeys, "image `api` has both `platform` and `platforms`"));
    }

    private static ImageDefinition Image(string settings, string dockerfile)
    {
        Parsed<ResolvedProject> loaded = Load(settings, dockerfile);
        loaded.Diagnostics.ShouldBeEmpty();
        return loaded.Value.ShouldNotBeNull().Image(new ImageName("api"));
    }

    private static Parsed<ResolvedProject> Load(string settings, string dockerfile) => FakeWork.Load(new FakeFileTree()
        .Write("devloop.yaml", $"version: 1\nimages:\n  base: {{dockerfile: base.dockerfile}}\n  api: {{{settings}}}\n")
        .Write("base.dockerfile", "FROM scratch\n").Write("Dockerfile", dockerfile)
        .Write("bin-amd64", "a").Write("bin-arm64", "b").Write("bin-riscv64", "c"));
}
