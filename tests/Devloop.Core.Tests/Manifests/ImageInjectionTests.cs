using System.Collections.Immutable;
using Devloop.Manifests;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Core.Tests.Manifests;

public class ImageInjectionTests
{
    private const string CronJob = """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: job}
        spec:
          jobTemplate:
            spec:
              template:
                spec:
                  initContainers: [{name: i, image: app, imagePullPolicy: Always}]
                  containers:
                  - name: c
                    image: docker.io/library/app:1
                    imagePullPolicy: Always
                    env: [{name: SELF, value: "app:2"}, {name: N, valueFrom: {}}]
                  - {name: d, image: "other:1", imagePullPolicy: Always}
                  ephemeralContainers: [{name: e, image: "app@sha256:0123456789012345678901234567890123456789012345678901234567890123"}]
                  volumes: [{name: v, image: {reference: "app:3", pullPolicy: Always}}]
        """;

    [Fact]
    public void Image_fields_are_found_at_any_depth()
    {
        ImageFields.Of(Manifest.Objects(CronJob).Single().Json).Select(f => (f.Kind, f.Path["spec.jobTemplate.spec.template.spec.".Length..])).ShouldBe(
        [
            (ImageFieldKind.Container, "initContainers[0].image"),
            (ImageFieldKind.Container, "containers[0].image"),
            (ImageFieldKind.Environment, "containers[0].env[0].value"),
            (ImageFieldKind.Container, "containers[1].image"),
            (ImageFieldKind.Container, "ephemeralContainers[0].image"),
            (ImageFieldKind.Volume, "volumes[0].image.reference"),
        ]);
    }

    [Fact]
    public void References_are_replaced_and_everything_else_stays()
    {
        KubernetesObject target = Manifest.Objects(CronJob).Single();
        string before = target.Json.ToJsonString();
        InjectedObject injected = Inject(target, Manifest.Image("app"));
        injected.Matched.ShouldBe([new ImageName("app")]);
        target.Json.ToJsonString().ShouldBe(before);
        string expected = before.Replace("\"app\",\"imagePullPolicy\":\"Always\"", "\"r/app:new\",\"imagePullPolicy\":\"IfNotPresent\"", StringComparison.Ordinal)
            .Replace("\"docker.io/library/app:1\",\"imagePullPolicy\":\"Always\"", "\"r/app:new\",\"imagePullPolicy\":\"IfNotPresent\"", StringComparison.Ordinal)
            .Replace("app@sha256:0123456789012345678901234567890123456789012345678901234567890123", "r/app:new", StringComparison.Ordinal)
            .Replace("\"app:3\",\"pullPolicy\":\"Always\"", "\"r/app:new\",\"pullPolicy\":\"IfNotPresent\"", StringComparison.Ordinal);
        injected.Json.ToJsonString().ShouldBe(expected);
    }

    [Fact]
    public void Environment_values_are_replaced_only_where_asked()
    {
        string json = Inject(Manifest.Objects(CronJob).Single(), Manifest.Image("app") with { MatchInEnv = true }).Json.ToJsonString();
        json.ShouldContain("{\"name\":\"SELF\",\"value\":\"r/app:new\"}");
    }

    [Fact]
    public void A_selector_with_a_tag_takes_exactly_that_tag_and_goes_first()
    {
        KubernetesObject target = Manifest.Objects(CronJob).Single();
        InjectedObject injected = Inject(target, Manifest.Image("app"), Manifest.Image("app:1"));
        injected.Matched.Select(m => m.Value).ShouldBe(["app", "app:1"]);
        injected.Json.ToJsonString().ShouldContain("\"image\":\"r/app-1:new\"");
        Inject(target, Manifest.Image("app:9")).Matched.ShouldBeEmpty();
    }

    [Fact]
    public void An_image_without_a_reference_is_matched_and_left()
    {
        KubernetesObject target = Manifest.Objects(CronJob).Single();
        InjectedObject injected = ImageInjection.Inject(target, new Dictionary<ImageName, string>(), [Manifest.Image("app")]);
        injected.Matched.Length.ShouldBe(1);
        injected.Json.ToJsonString().ShouldBe(target.Json.ToJsonString());
    }

    [Fact]
    public void The_config_replaces_command_and_arguments()
    {
        KubernetesObject target = Manifest.Objects(Manifest.Deployment("a", "app")).Single();
        string json = Inject(target, Manifest.Image("app") with { Entrypoint = new Command(["node", "x"]), ContainerArgs = ImmutableArray<string>.Empty }).Json.ToJsonString();
        json.ShouldContain("\"image\":\"r/app:new\",\"command\":[\"node\",\"x\"],\"args\":[]");
    }

    [Theory]
    [InlineData("{.spec.image}")]
    [InlineData(".spec.image")]
    [InlineData("spec.image")]
    [InlineData("$.spec['image']")]
    [InlineData("{.spec.list[0].ref}")]
    [InlineData("{.spec.list[-1].ref}")]
    [InlineData("{.spec.list[*].ref}")]
    [InlineData("{.spec.a\\.b}")]
    public void Declared_paths_of_custom_kinds_are_replaced(string path)
    {
        KubernetesObject target = Manifest.Objects("apiVersion: e.com/v1\nkind: App\nmetadata: {name: a}\nspec: {image: app, list: [{ref: app}], a.b: app, no: {image: app}}\n").Single();
        ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app")] = "new" }, [Manifest.Image("app")], [new KindRule("App", "e.com/v1", [path])]).Json.ToJsonString()
            .Split("\"new\"").Length.ShouldBe(2);
        ImageInjection.Matches(target, [Manifest.Image("app")], [new KindRule("App", "e.com/v2", [path])]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(".a..b")]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData("a[0]b")]
    public void A_path_with_wrong_syntax_is_none(string path) => JsonPath.TryParse(path).ShouldBeNull();

    private static InjectedObject Inject(KubernetesObject target, params ImageTarget[] images) =>
        ImageInjection.Inject(target, images.ToDictionary(i => i.Name, i => $"r/{i.Name.Value.Replace(':', '-')}:new"), images);
}
