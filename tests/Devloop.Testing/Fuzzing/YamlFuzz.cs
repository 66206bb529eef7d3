using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Testing.Fuzzing;

/// <summary>The YAML reader and the config that is read with it.</summary>
internal static class YamlFuzz
{
    public static FuzzTarget Target { get; } = new("yaml",
    [
        "version: 1\nname: shop\nimages:\n  app:\n    context: .\n    dockerfile: a.dockerfile\n    args: {a: b, c: 1}\n    ignore: ['*.md', \"!a\"]\n    only: [src]\nmanifests:\n  - app.yml\nresources:\n  app: {port_forwards: [3000, \"80:8080\"], depends_on: [db]}\nsettings: {max_parallel_builds: 2, quiet_ms: 20}\n",
        "version: 1\nx: &a {k: v}\ny: *a\nz:\n  <<: [*a, {q: r}]\n  t: |\n    text\n     more\n  f: >-\n    fold\n---\nb: ~\n...\n",
        "cluster: {context: kind-dev, namespace: default, allow_contexts: [dev]}\nregistry: {host: \"127.0.0.1:5005\"}\nkinds:\n  - {kind: App, image_paths: [\"{.spec.image}\"]}\nimages: {a:1: {entrypoint: [x, y], target: t, platform: linux/amd64}}\n",
        "? a\n: - b\n  - - c\n    - !!str d\n\"q\\u00e9\\n\": 'it''s'\n# c\n%YAML 1.2\n",
    ],
    [
        ": ", "- ", "? ", "\n", "\n  ", "\n    ", "\t", "{", "}", "[", "]", ",", "&a ", "*a", "<<: *a", "|\n", ">-\n", "|2+\n", "\"", "'", "\\x", "\\u12", "!!str ", "!<", "#", "---\n", "...\n", "%YAML 1.2\n", "@", "`", "~", "null", "1e9", "0x1F", "\uFEFF", "\u0085", "\u2028", "\0", "\uD800", "😀",
        "images:", "version: 1\n", "manifests:", "resources:", "settings:", "args:", "port_forwards:", "99999999999999999999", "[*a,*a,*a,*a,*a]", "&b ", "*b",
    ], Check);

    private static void Check(string text)
    {
        var source = new SourceText("devloop.yaml", text);
        Parsed<YamlStream> yaml = YamlReader.Read(source, DiagnosticCode.ConfigSyntax);
        DockerfileFuzz.Places(yaml.Diagnostics);
        Parsed<Project> project = ConfigReader.Read(source, "/work");
        DockerfileFuzz.Places(project.Diagnostics);
    }
}
