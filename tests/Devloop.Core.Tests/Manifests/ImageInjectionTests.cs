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
    [InlineData("{.spec.list[?(@.name==\"one\")].ref}")]
    [InlineData("{.spec.list[?(@.name == 'one')].ref}")]
    [InlineData("{.spec.list[?(@.name!=\"two\")].ref}")]
    [InlineData("{.spec.list[?(@.number==1)].ref}")]
    [InlineData("{.spec.list[?(@.name)].ref}")]
    [InlineData("{.spec.a\\.b}")]
    public void Declared_paths_of_custom_kinds_are_replaced(string path)
    {
        KubernetesObject target = Manifest.Objects("apiVersion: e.com/v1\nkind: App\nmetadata: {name: a}\nspec: {image: app, list: [{ref: app, name: one, number: 1}], a.b: app, no: {image: app}}\n").Single();
        ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app")] = "new" }, [Manifest.Image("app")], [new KindRule("App", "e.com/v1", [path])]).Json.ToJsonString()
            .Split("\"new\"").Length.ShouldBe(2);
        ImageInjection.Matches(target, [Manifest.Image("app")], [new KindRule("App", "e.com/v2", [path])]).ShouldBeEmpty();
    }

    [Fact]
    public void A_filter_takes_what_it_says_and_nothing_else()
    {
        KubernetesObject target = Manifest.Objects("apiVersion: e.com/v1\nkind: App\nmetadata: {name: a}\nspec: {list: [{ref: app, name: one}, {ref: app, name: two}, {ref: app}]}\n").Single();
        Inject("{.spec.list[?(@.name==\"two\")].ref}").ShouldBe([1]);
        Inject("{.spec.list[?(@.name!=\"two\")].ref}").ShouldBe([0, 2]);
        Inject("{.spec.list[?(@.name)].ref}").ShouldBe([0, 1]);
        Inject("{.spec.list[?(@.name==\"three\")].ref}").ShouldBeEmpty();

        int[] Inject(string path)
        {
            var list = ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app")] = "new" }, [Manifest.Image("app")], [new KindRule("App", null, [path])]).Json["spec"]!["list"]!.AsArray();
            return [.. list.Index().Where(e => (string?)e.Item!["ref"] == "new").Select(e => e.Index)];
        }
    }

    [Theory]
    // Fields by their usual names, tags that YAML reads as numbers, a registry apart, and a digest that would go before the tag.
    [InlineData("{repository: app, tag: 1.5, pullPolicy: Always}", "{\"repository\":\"reg:5000/app\",\"tag\":\"new\",\"pullPolicy\":\"IfNotPresent\"}")]
    [InlineData("{repository: app}", "{\"repository\":\"reg:5000/app\",\"tag\":\"new\"}")]
    [InlineData("{registry: docker.io, repository: library/app, tag: v1}", "{\"registry\":\"reg:5000\",\"repository\":\"app\",\"tag\":\"new\"}")]
    [InlineData("{repository: app, digest: \"sha256:0123456789012345678901234567890123456789012345678901234567890123\"}", "{\"repository\":\"reg:5000/app\",\"tag\":\"new\"}")]
    [InlineData("{repository: other, tag: v1}", "{\"repository\":\"other\",\"tag\":\"v1\"}")]
    [InlineData("{tag: v1}", "{\"tag\":\"v1\"}")]
    public void Parts_of_a_reference_that_stand_apart_are_written_apart(string image, string expected)
    {
        KubernetesObject target = Manifest.Objects($"apiVersion: e.com/v1\nkind: App\nmetadata: {{name: a}}\nspec: {{image: {image}}}\n").Single();
        KindRule rule = new("App", null, []) { ImageObjects = [new ImageObjectRule("{.spec.image}", "repository", "tag", "registry", "digest")] };
        ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app")] = "reg:5000/app:new" }, [Manifest.Image("app")], [rule]).Json["spec"]!["image"]!.ToJsonString().ShouldBe(expected);
    }

    [Fact]
    public void Two_images_of_one_name_are_told_apart_by_a_tag_that_stands_in_a_field_of_its_own()
    {
        KubernetesObject target = Manifest.Objects("apiVersion: e.com/v1\nkind: App\nmetadata: {name: a}\nspec: {name: app, version: v1, imagePullPolicy: Always}\n").Single();
        KindRule rule = new("App", null, []) { ImageObjects = [new ImageObjectRule(".spec", "name", "version", null, null)] };
        ImageInjection.Matches(target, [Manifest.Image("app:v1"), Manifest.Image("app:v2"), Manifest.Image("app")], [rule]).ShouldBe([new ImageName("app:v1")]);
        ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app:v1")] = "app:new" }, [Manifest.Image("app:v1")], [rule]).Json["spec"]!.ToJsonString()
            .ShouldBe("{\"name\":\"app\",\"version\":\"new\",\"imagePullPolicy\":\"IfNotPresent\"}");
    }

    [Fact]
    public void A_policy_beside_a_declared_path_lets_the_image_be_taken_from_the_node()
    {
        KubernetesObject target = Manifest.Objects("apiVersion: e.com/v1\nkind: App\nmetadata: {name: a}\nspec: {image: app, imagePullPolicy: Always}\n").Single();
        ImageInjection.Inject(target, new Dictionary<ImageName, string> { [new("app")] = "new" }, [Manifest.Image("app")], [new KindRule("App", null, ["{.spec.image}"])]).Json["spec"]!.ToJsonString()
            .ShouldBe("{\"image\":\"new\",\"imagePullPolicy\":\"IfNotPresent\"}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(".a..b")]
    [InlineData(".a[")]
    [InlineData(".a[x]")]
    [InlineData("a[0]b")]
    [InlineData("a[?(name==1)]")]
    [InlineData("a[?(@.name==)]")]
    [InlineData("a[?(@.name=='x)]")]
    [InlineData("a[?(@)]")]
    [InlineData("a[?(@.name==1]")]
    public void A_path_with_wrong_syntax_is_none(string path) => JsonPath.TryParse(path).ShouldBeNull();

    private static InjectedObject Inject(KubernetesObject target, params ImageTarget[] images) =>
        ImageInjection.Inject(target, images.ToDictionary(i => i.Name, i => $"r/{i.Name.Value.Replace(':', '-')}:new"), images);
}
