using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>ready</c> of a kind: <c>exists</c>, <c>"{.status.phase}=Running"</c>, or a mapping of <c>path</c>, <c>values</c> and <c>failed</c>.</summary>
internal static class ReadySection
{
    public static ReadyRule? Read(Section kind)
    {
        switch (kind.Find("ready"))
        {
            case null:
                return null;
            case YamlScalar { Value: "exists" }:
                return new ReadyRule.Exists();
            case YamlScalar text:
                int equals = text.Value.IndexOf("}=", StringComparison.Ordinal);
                return Field(kind, text, equals < 0 ? text.Value : text.Value[..(equals + 1)], equals < 0 ? [] : [text.Value[(equals + 2)..]], []);
            case YamlMapping map:
                Section section = kind.Inside(map, "`ready`");
                string? path = section.Text("path");
                if (path is null)
                    section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`ready` has no `path`") with { At = map.At, Help = "the path leads to the field that tells, such as `{.status.phase}`" });
                ReadyRule? rule = path is null ? null : Field(kind, map, path, [.. section.Texts("values")], [.. section.Texts("failed")]);
                section.Finish();
                return rule;
            case { } node:
                kind.Wrong(node, "`ready` is a text or a mapping");
                return null;
        }
    }

    private static ReadyRule.Field? Field(Section kind, YamlNode node, string path, string[] values, string[] failed)
    {
        if (JsonPath.TryParse(path) is { } parsed && path.TrimStart() is ['{' or '.' or '$', ..])
            return new ReadyRule.Field(parsed, [.. values], [.. failed]);
        kind.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{path}` is not a JSON path") with
        {
            At = node.At,
            Label = "expected a path, and maybe a value",
            Help = "such as `\"{.status.phase}=Running\"`; `exists` is ready at once",
        });
        return null;
    }
}
