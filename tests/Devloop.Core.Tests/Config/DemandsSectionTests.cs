using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Config;

public class DemandsSectionTests
{
    [Theory]
    [InlineData("67108864", 67108864)]
    [InlineData("64m", 64 << 20)]
    [InlineData("64MB", 64 << 20)]
    [InlineData("64MiB", 64 << 20)]
    [InlineData("1.5k", 1536)]
    [InlineData("'1 g'", 1 << 30)]
    [InlineData("10b", 10)]
    public void Sizes_are_written_as_docker_takes_them(string text, long bytes) => Image("shm_size: " + text).Demands.SharedMemory.ShouldBe(bytes);

    [Theory]
    [InlineData("nofile: 1024", "nofile 1024 1024")]
    [InlineData("nofile: {soft: 1024, hard: 2048}", "nofile 1024 2048")]
    [InlineData("memlock: -1", "memlock -1 -1")]
    [InlineData("nproc: 512, core: {soft: 0, hard: -1}", "nproc 512 512; core 0 -1")]
    public void Limits_are_written_as_compose_has_them(string text, string limits) =>
        string.Join("; ", Image($"ulimits: {{{text}}}").Demands.Limits.Select(l => $"{l.Name} {l.Soft} {l.Hard}")).ShouldBe(limits);

    [Theory]
    [InlineData("true", true, "")]
    [InlineData("false", false, "")]
    [InlineData("build", false, "build")]
    [InlineData("[build, test]", false, "build test")]
    public void The_cache_is_left_out_for_all_stages_or_for_some(string text, bool all, string stages)
    {
        BuildDemands demands = Image("no_cache: " + text).Demands;
        (demands.NoCache, string.Join(' ', demands.NoCacheStages)).ShouldBe((all, stages));
    }

    [Theory]
    [InlineData("cache_from: reg.io/app:cache", "registry [ref, reg.io/app:cache]")]
    [InlineData("cache_from: ['type=registry,ref=reg.io/app']", "registry [ref, reg.io/app]")]
    [InlineData("cache_from: [{type: gha, scope: main}, reg.io/app]", "gha [scope, main]; registry [ref, reg.io/app]")]
    [InlineData("cache_to: [{type: registry, ref: reg.io/app, mode: max, image_manifest: 'true'}]", "registry [image-manifest, true][mode, max][ref, reg.io/app]")]
    [InlineData("cache_to: [{type: inline}]", "inline ")]
    public void Caches_are_references_or_types_with_what_they_take(string yaml, string expected)
    {
        BuildDemands demands = Image(yaml).Demands;
        string.Join("; ", demands.CacheFrom.Concat(demands.CacheTo).Select(c => $"{c.Type} {string.Concat(c.Attributes)}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("tags: [v1]", "api:v1")]
    [InlineData("tags: 'v1'", "api:v1")]
    [InlineData("tags: ['team/api:v2', 'reg.io/api']", "team/api:v2 reg.io/api")]
    public void Further_names_are_tags_or_references(string yaml, string names) => string.Join(' ', Image(yaml).Tags.Select(t => t.Familiar)).ShouldBe(names);

    [Theory]
    [InlineData("sbom: true", "", null)]
    [InlineData("sbom: {generator: 'reg.io/scan:1'}", "generator=reg.io/scan:1", null)]
    [InlineData("provenance: true", null, "mode=min")]
    [InlineData("provenance: max", null, "mode=max")]
    [InlineData("sbom: false, provenance: false", null, null)]
    public void Attestations_are_off_unless_asked_for(string yaml, string? sbom, string? provenance)
    {
        BuildDemands demands = Read($"{{{yaml}}}").Value.ShouldNotBeNull().Images.ShouldHaveSingleItem().Demands;
        (demands.Sbom, demands.Provenance).ShouldBe((sbom, provenance));
    }

    [Theory]
    [InlineData("platforms: [linux/amd64, linux/arm64]")]
    [InlineData("sbom: true")]
    [InlineData("provenance: min")]
    public void What_makes_an_index_takes_its_annotations(string yaml) =>
        Read($"{{annotations: {{'index:a': b}}, {yaml}}}").Value.ShouldNotBeNull().Images.ShouldHaveSingleItem().Demands.Annotations.ShouldContainKeyAndValue("index:a", "b");

    [Theory]
    [InlineData("shm_size: lots", DiagnosticCode.BadValue, "`lots` is not a size")]
    [InlineData("shm_size: 0", DiagnosticCode.BadValue, "`0` is not a size")]
    [InlineData("shm_size: 99999999999999999999g", DiagnosticCode.BadValue, "`99999999999999999999g` is not a size")]
    [InlineData("ulimits: {nofiles: 1}", DiagnosticCode.BadValue, "`nofiles` is not a limit")]
    [InlineData("ulimits: {nofile: many}", DiagnosticCode.WrongType, "limit `nofile` is a number")]
    [InlineData("ulimits: {nofile: {soft: 1}}", DiagnosticCode.MissingKey, "limit `nofile` has no `hard`")]
    [InlineData("ulimits: {nofile: {soft: 2, hard: 1}}", DiagnosticCode.BadValue, "the soft limit of `nofile` is above its hard limit")]
    [InlineData("no_cache: ['a,b']", DiagnosticCode.BadValue, "`a,b` is not the name of a stage")]
    [InlineData("annotations: {'layer:a': b}", DiagnosticCode.BadValue, "`layer:a` is not the name of an annotation")]
    [InlineData("annotations: {'a b': c}", DiagnosticCode.BadValue, "`a b` is not the name of an annotation")]
    [InlineData("annotations: {'index:a': b}", DiagnosticCode.BadValue, "`index:a` has no index to go to")]
    [InlineData("{annotations: {'index-descriptor:a': b}, platforms: [linux/arm64]}", DiagnosticCode.BadValue, "`index-descriptor:a` has no index to go to")]
    [InlineData("sbom: {}", DiagnosticCode.BadValue, "`sbom` names no generator")]
    [InlineData("provenance: full", DiagnosticCode.BadValue, "`full` is not a mode of provenance")]
    [InlineData("tags: [':v1']", DiagnosticCode.BadValue, "`:v1` is not a name of an image")]
    [InlineData("tags: [devloop-0123]", DiagnosticCode.BadValue, "`devloop-0123` is a tag of devloop's own")]
    [InlineData("cache_from: ['no cache']", DiagnosticCode.BadCache, "`no cache` is no cache of builds")]
    [InlineData("cache_from: [{type: inline}]", DiagnosticCode.BadCache, "steps inside of an image are looked for by its reference")]
    [InlineData("cache_from: [{ref: a}]", DiagnosticCode.BadCache, "an entry of `cache_from` has no type")]
    [InlineData("cache_from: [{type: registry}]", DiagnosticCode.BadCache, "a cache of type `registry` has no `ref`")]
    [InlineData("cache_from: [{type: local, src: d}]", DiagnosticCode.NotSupported, "`cache_from` of type `local` is not supported")]
    [InlineData("cache_to: [{type: s4}]", DiagnosticCode.BadCache, "`s4` is not a type of `cache_to`")]
    [InlineData("cache_to: [{type: gha, token: secret}]", DiagnosticCode.BadCache, "a cache of type `gha` takes no `token` in `cache_to`")]
    [InlineData("cache_to: [{type: gha, mode: most}]", DiagnosticCode.BadCache, "`most` is not a mode of a cache")]
    public void What_cannot_be_meant_is_told_at_its_place(string yaml, string code, string message)
    {
        Diagnostic problem = Read(yaml).Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Message, problem.At!.Line).ShouldBe((code, message, 4));
        problem.Help.ShouldNotBeNull();
    }

    private static ImageTarget Image(string yaml) => Read(yaml).Value.ShouldNotBeNull().Images.ShouldHaveSingleItem();

    private static Parsed<Project> Read(string yaml) => ConfigReader.Read(new SourceText("devloop.yaml", $"version: 1\nimages:\n  api:\n    {yaml}\n"), "/project");
}
