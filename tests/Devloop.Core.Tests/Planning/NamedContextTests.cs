using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class NamedContextTests
{
    private const string Dockerfile = "ARG from=runtime\nFROM ${from}:3 AS app\nFROM app\nCOPY --from=tools:latest /t /t\nCOPY --from=docker.io/library/other /o /o\n";

    [Theory]
    [InlineData("runtime:3: target:base", "base", "tools:latest, docker.io/library/other")]
    [InlineData("runtime:3: 'docker-image://base'", "base", "tools:latest, docker.io/library/other")]
    [InlineData("runtime:3: 'docker-image://alpine:3.20'", "", "alpine:3.20, docker.io/library/other, tools:latest")]
    [InlineData("tools: target:base, other: target:base", "base", "runtime:3")]
    [InlineData("app: target:base", "", "docker.io/library/other, runtime:3, tools:latest")]
    [InlineData("unused: target:base", "", "docker.io/library/other, runtime:3, tools:latest")]
    public void What_a_dockerfile_names_is_what_the_context_says(string contexts, string bases, string external)
    {
        ImageDefinition api = Load(contexts).Value.ShouldNotBeNull().Image(new ImageName("api"));

        string.Join(", ", api.Bases).ShouldBe(bases);
        api.ExternalBases.ShouldBe([.. external.Split(", ").Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public void Only_the_names_are_replaced_in_the_file_that_is_built()
    {
        ImageDefinition api = Load("runtime:3: target:base, other: 'docker-image://reg.io/other:2'").Value.ShouldNotBeNull().Image(new ImageName("api"));
        var digests = ImmutableDictionary<ImageName, ImageDigest>.Empty.Add(new ImageName("base"), FakeWork.Digest("base"));

        BuildOrders.Pin(api, digests, ImagePlace.OfEngine).Text.ShouldBe(Dockerfile
            .Replace("${from}:3", "base:" + ContentTag.Of(FakeWork.Digest("base")), StringComparison.Ordinal)
            .Replace("docker.io/library/other", "reg.io/other:2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x: target:bass", DiagnosticCode.UnknownName, "there is no image `bass`", "an image with a similar name exists: `base`")]
    [InlineData("x: 'docker-image://Not A Name'", DiagnosticCode.BadValue, "`Not A Name` is not an image reference", "a reference is written as")]
    [InlineData("x: ./directory", DiagnosticCode.MissingFile, "context `directory` of image `api.context.x` does not exist", "`context:` is relative to the config")]
    [InlineData("x: 'oci-layout://layout:1'", DiagnosticCode.NotSupported, "context `x` is an OCI layout, which is not supported by this version", "`docker-image://REFERENCE` takes an image from the engine")]
    [InlineData("x: 'https://example.com/a.git'", DiagnosticCode.NotSupported, "context `x` is an address, which is not supported by this version", "a path is a directory")]
    public void A_context_that_means_nothing_is_an_error_at_its_place(string contexts, string code, string message, string help)
    {
        Diagnostic problem = Load(contexts, "FROM x\n").Diagnostics.ShouldHaveSingleItem();

        (problem.Code, problem.Message, problem.At!.Line).ShouldBe((code, message, 4));
        problem.Help!.ShouldStartWith(help);
    }

    [Fact]
    public void An_image_that_stands_on_itself_by_a_context_is_a_cycle() =>
        Load("runtime:3: target:api").Diagnostics.ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.ImageCycle);

    private static Parsed<ResolvedProject> Load(string contexts, string dockerfile = Dockerfile) => FakeWork.Load(new FakeFileTree()
        .Write("devloop.yaml", $"version: 1\nimages:\n  base: {{dockerfile: base.dockerfile}}\n  api: {{contexts: {{{contexts}}}}}\n")
        .Write("base.dockerfile", "FROM scratch\n")
        .Write("Dockerfile", dockerfile));
}
