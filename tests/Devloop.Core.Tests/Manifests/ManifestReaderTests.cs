using Devloop.Diagnostics;
using Devloop.Manifests;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Manifests;

public class ManifestReaderTests
{
    [Fact]
    public void Documents_comments_and_lists_give_objects_with_their_places()
    {
        var objects = Manifest.Objects("# top\n---\napiVersion: v1 # c\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: ns\n---\n\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: b}\n- {apiVersion: v1, kind: Pod, metadata: {name: c}}\n...\n");
        objects.Select(o => $"{o} {o.Namespace} {o.Group} {o.At.Line}").ShouldBe(["configmap/a ns  3", "deployment/b  apps 14", "pod/c   17"]);
    }

    [Theory]
    [InlineData("v: yes", "true")]
    [InlineData("v: off", "false")]
    [InlineData("v: y", "true")]
    [InlineData("v: \"yes\"", "\"yes\"")]
    [InlineData("v: 'no'", "\"no\"")]
    [InlineData("v: 0755", "493")]
    [InlineData("v: 0o17", "15")]
    [InlineData("v: 0x1F", "31")]
    [InlineData("v: 08", "8")]
    [InlineData("v: 1_000", "1000")]
    [InlineData("v: +7", "7")]
    [InlineData("v: -12", "-12")]
    [InlineData("v: 9223372036854775807", "9223372036854775807")]
    [InlineData("v: 18446744073709551615", "18446744073709551615")]
    [InlineData("v: 1.50", "1.5")]
    [InlineData("v: .5", "0.5")]
    [InlineData("v: 1e3", "1000")]
    [InlineData("v: 1.2.3", "\"1.2.3\"")]
    [InlineData("v: 100m", "\"100m\"")]
    [InlineData("v: 2024-01-02", "\"2024-01-02\"")]
    [InlineData("v: ~", "null")]
    [InlineData("v:", "null")]
    [InlineData("v: !!str 12", "\"12\"")]
    [InlineData("v: !!binary aGk=", "\"hi\"")]
    [InlineData("v: |\n  a\n  b\n", "\"a\\nb\\n\"")]
    [InlineData("v: >-\n  a\n  b\n", "\"a b\"")]
    [InlineData("v: {yes: 1, 2: b, \"c d\": []}", "{\"true\":1,\"2\":\"b\",\"c d\":[]}")]
    [InlineData("w: &a {x: 1}\nv: *a", "{\"x\":1}")]
    [InlineData("w: &a {x: 1, w: 2}\nv: {<<: *a, x: 5}", "{\"x\":5,\"w\":2}")]
    [InlineData("w: &a {x: 1, w: 2}\nv: {x: 5, <<: *a}", "{\"x\":1,\"w\":2}")]
    [InlineData("v: {n: 1:30}", "{\"false\":\"1:30\"}")]
    [InlineData("v: !x 12", "\"12\"")]
    [InlineData("v: 0b11", "3")]
    [InlineData("v: 1.", "1")]
    [InlineData("v: !!float 3", "3")]
    [InlineData("v: 2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\"")]
    [InlineData("v: 0x_1f", "31")]
    [InlineData("v: 190:20", "\"190:20\"")]
    [InlineData("v: 1e400", "\"1e400\"")]
    [InlineData("v: 1_0.5", "10.5")]
    [InlineData("v: _1", "\"_1\"")]
    [InlineData("v: -.5", "-0.5")]
    [InlineData("v: 0_7", "7")]
    [InlineData("v: =", "\"=\"")]
    [InlineData("w: [&a {x: 1}, &b {x: 2, z: 3}]\nv: {<<: [*a, *b]}", "{\"x\":1,\"z\":3}")]
    public void Values_mean_what_they_mean_to_kubectl(string yaml, string json) => Manifest.Value(yaml).ShouldBe(json);

    [Fact]
    public void Json_files_are_read_also_when_they_hold_a_list()
    {
        var objects = Manifest.Objects("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"n\":12345678901234567890123}]}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}", "a.json");
        objects.Select(o => o.Name).ShouldBe(["a", "b"]);
        objects[0].Json["n"]!.ToJsonString().ShouldBe("12345678901234567890123");
        objects[1].At.Line.ShouldBe(2);
    }

    [Theory]
    [InlineData("a: b\n c: d", "DL1030", 2, "a key and its value are not expected here")]
    [InlineData("a:\n\tb: c", "DL1030", 2, "a tab indents this line")]
    [InlineData("a: 1\nb: 2\na: 3", "DL1030", 3, "the key `a` stands twice")]
    [InlineData("a: \"x", "DL1030", 1, "this quoted text is not closed")]
    [InlineData("a: *x", "DL1030", 1, "the alias `*x` has no anchor")]
    [InlineData("a: &x [*x]", "DL1030", 1, "the alias `*x` stands inside what it names")]
    [InlineData("a: .inf", "DL1030", 1, "`.inf` is a number that JSON cannot hold")]
    [InlineData("<<: 1", "DL1030", 1, "`<<` merges a mapping or a list of mappings")]
    [InlineData("[a]: b", "DL1030", 1, "a key is a mapping or a list")]
    [InlineData("- a", "DL1031", 1, "a document is not a Kubernetes object")]
    [InlineData("kind: Pod", "DL1031", 1, "the Pod has no `apiVersion`")]
    [InlineData("\napiVersion: v1", "DL1031", 2, "an object has no `kind`")]
    [InlineData("apiVersion: v1\nkind: Pod", "DL1031", 1, "the Pod has no `metadata.name`")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: 12}", "DL1031", 1, "the Pod has no `metadata.name`")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}", "DL1031", 1, "the Pod has a `metadata.namespace` that is no text")]
    [InlineData("apiVersion: v1\nkind: Job\nmetadata: {generateName: a-}", "DL1031", 1, "the Job has a `generateName` and no `name`")]
    public void What_is_wrong_is_told_with_its_place(string yaml, string code, int line, string message)
    {
        Diagnostic problem = Manifest.Read(yaml).Diagnostics.ShouldHaveSingleItem();
        problem.Message.ShouldBe(message);
        problem.Code.ShouldBe(code);
        problem.At!.Line.ShouldBe(line);
    }

    [Theory]
    [InlineData("{\"a\": 1, \"a\": 2}", "a key stands twice")]
    [InlineData("{\n\"a\": }", "this is not valid JSON")]
    public void Broken_json_is_told_with_its_place(string json, string message) =>
        Manifest.Read(json, "x.json").Diagnostics.ShouldHaveSingleItem().Message.ShouldBe(message);

    [Fact]
    public void A_helm_template_is_recognised()
    {
        Diagnostic problem = Manifest.Read("apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nmetadata: {name: {{ .Release.Name }}}\n{{- end }}\n").Diagnostics.ShouldHaveSingleItem();
        problem.Help.ShouldBe("this looks like a Helm template; `helm template` makes manifests of a chart");
    }

    [Fact]
    public void Objects_before_a_problem_are_still_given() =>
        Manifest.Read(Manifest.Other("Pod", "a") + "a: b: c").Value!.Objects.Single().Name.ShouldBe("a");

    [Fact]
    public void Deep_nesting_and_multiplying_aliases_are_refused()
    {
        Manifest.Read("a: " + new string('[', 5000)).Diagnostics.ShouldHaveSingleItem();
        string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n"));
        Manifest.Read(bomb).Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("the YAML has too many nodes");
        Manifest.Read(new string('[', 5000), "a.json").Diagnostics.ShouldHaveSingleItem();
    }

    [Fact]
    public void Reading_random_text_never_throws()
    {
        string[] parts = ["apiVersion: v1\n", "kind: List\n", "items:\n", "- ", "  ", "\n", ": ", "{", "}", "[", "]", ",", "\"", "'", "&a ", "*a", "<<: ", "|\n", ">-\n", "\t", "#", "---\n", "...\n", "!!int ", "!!binary ", "!x ", "%YAML 1.1\n", "? ", "a", "1e999", "\uD800", "\0", "\\u12", "ä", "metadata: {name: x}\n", "@", "`", "\r\n", "\uFEFF", "!<"];
        Prop.ForAll(Gen.Elements(parts).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            foreach (string file in new[] { "a.yaml", "a.json" })
                Manifest.Read(text, file).Value.ShouldNotBeNull().Objects.SelectMany(o => ImageFields.Of(o.Json)).Count().ShouldBeGreaterThanOrEqualTo(0);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40));
    }

    [Fact]
    public void Image_fields_know_their_place()
    {
        KubernetesObject deployment = Manifest.Objects(Manifest.Deployment("a", "app:1")).Single();
        deployment.SpanOf(ImageFields.Of(deployment.Json).Single())!.ToString().ShouldBe("app.yml:8:40");
    }
}
