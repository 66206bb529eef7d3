using System.Text.Json.Nodes;
using Devloop.Manifests;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Manifests;

public class ManifestWriterTests
{
    private static string Write(string yaml) => ManifestWriter.Write(Manifest.Objects(yaml).Select(o => o.Json));

    [Fact]
    public void Objects_are_written_for_people()
    {
        Write("""
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {}, "on": "yes", "l": [[1, "2"], {"x": 1, "y": [true]}, []]},
             "data": {"script": "#!/bin/sh\necho hi\n", "last": "a\n\n b", "keep": "x\n\n\n", "n": "012", "d": "2024-01-02", "s": "a: b", "h": "a #b", "e": "", "t": "tab\there", "u": "http://x:1/y", "z": null, "f": 1.5}}
            """).ShouldBe("""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              labels: {}
              "on": "yes"
              l:
              - - 1
                - "2"
              - x: 1
                "y":
                - true
              - []
            data:
              script: |
                #!/bin/sh
                echo hi
              last: |-
                a

                 b
              keep: |+
                x


              "n": "012"
              d: "2024-01-02"
              s: "a: b"
              h: "a #b"
              e: ""
              t: "tab\there"
              u: http://x:1/y
              z: null
              f: 1.5

            """);
    }

    [Fact]
    public void Several_objects_are_separated() =>
        Write(Manifest.Other("Pod", "a") + Manifest.Other("Pod", "b")).ShouldBe("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n");

    [Fact]
    public void A_star_in_a_nested_key_is_no_alias()
    {
        var written = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "X", ["metadata"] = new JsonObject { ["name"] = "x" }, ["v"] = new JsonObject { ["7 *"] = new JsonObject { ["a"] = 1 } } };
        Manifest.Objects(ManifestWriter.Write([written])).ShouldHaveSingleItem().Json.ToJsonString().ShouldBe(written.ToJsonString());
    }

    [Fact]
    public void What_is_written_is_read_back_the_same_and_written_the_same()
    {
        string[] pieces = ["a", "Z", "0", "7", ".", "-", ":", " ", "#", "\n", "\t", "\r", "'", "\"", "\\", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "=", "<<", "~", "yes", "null", "true", "1e5", "0x1", "ä", "😀", "\u0085", "\u2028", "\0", "---", "...", "é́", "_"];
        Gen<string> text = Gen.Elements(pieces).ListOf().Select(p => string.Concat(p.Take(6)));
        Gen<JsonNode?> leaf = Gen.OneOf(text.Select(t => (JsonNode?)JsonValue.Create(t)), ArbMap.Default.GeneratorFor<long>().Select(n => (JsonNode?)JsonValue.Create(n)),
            Gen.Elements(0.5, -1e300, 1e-7, 123456.75).Select(d => (JsonNode?)JsonValue.Create(d)), Gen.Elements<JsonNode?>(null, JsonValue.Create(true)).Select(n => n?.DeepClone()));
        Gen<JsonNode?> Tree(int depth) => depth == 0 ? leaf : Gen.OneOf(leaf,
            Tree(depth - 1).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4).Select(i => i?.DeepClone())])),
            (from key in text from value in Tree(depth - 1) select (key, value)).ListOf().Select(pairs => (JsonNode?)Map(pairs.Take(4))));
        Prop.ForAll(Tree(4).ToArbitrary(), tree =>
        {
            var written = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "X", ["metadata"] = new JsonObject { ["name"] = "x" }, ["v"] = tree?.DeepClone() };
            string yaml = ManifestWriter.Write([written]);
            JsonObject read = Manifest.Objects(yaml).ShouldHaveSingleItem().Json;
            JsonNode.DeepEquals(read, JsonNode.Parse(written.ToJsonString())).ShouldBeTrue(yaml + "\n" + written.ToJsonString() + "\n" + read.ToJsonString());
            ManifestWriter.Write([read]).ShouldBe(yaml);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(30));
    }

    private static JsonObject Map(IEnumerable<(string Key, JsonNode? Value)> pairs)
    {
        var map = new JsonObject();
        foreach ((string key, JsonNode? value) in pairs)
            map[key] = value?.DeepClone();
        return map;
    }
}
