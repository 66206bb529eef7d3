using System.Collections.Immutable;
using System.Text;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>The value of a <c>RUN --mount</c> flag: fields separated by commas, as in a CSV line.</summary>
internal static class RunMount
{
    private static readonly ImmutableArray<string> Keys =
        ["type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw", "required", "size", "id", "sharing", "mode", "uid", "gid", "env"];

    /// <param name="Key">In lower case.</param>
    /// <param name="Start">Where the value begins in the flag's unquoted text.</param>
    /// <param name="End">The index after its last character.</param>
    public readonly record struct Field(string Key, string? Value, int Start, int End);

    /// <summary>The fields, or null when a quote is not closed.</summary>
    public static ImmutableArray<Field>? Fields(Flag flag)
    {
        string text = flag.Whole.Text;
        var fields = ImmutableArray.CreateBuilder<Field>();
        int at = flag.ValueStart;
        while (at <= text.Length)
        {
            bool quoted = at < text.Length && text[at] == '"';
            var content = new StringBuilder();
            var indexes = new List<int>();
            if (quoted)
            {
                at++;
                while (at < text.Length && (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"')))
                {
                    if (text[at] == '"')
                        at++;
                    indexes.Add(at);
                    content.Append(text[at++]);
                }
                if (at >= text.Length)
                    return null;
                at++;
                if (at < text.Length && text[at] != ',')
                    return null;
            }
            else
            {
                for (; at < text.Length && text[at] != ','; at++)
                {
                    indexes.Add(at);
                    content.Append(text[at]);
                }
            }
            fields.Add(FieldOf(content.ToString(), indexes, at));
            at++;
        }
        return fields.ToImmutable();
    }

    /// <summary>What BuildKit refuses of a mount, as far as it can be told before variables have values.</summary>
    public static string? Refusal(Flag flag)
    {
        if (Fields(flag) is not { } fields)
            return "a quote in `--mount` is not closed";
        foreach (Field field in fields)
        {
            if (!Keys.Contains(field.Key))
                return $"unknown key `{field.Key}` in `--mount`" + (NearestName.Of(field.Key, Keys) is { } nearest ? $"; a key with a similar name exists: `{nearest}`" : "");
            if (field.Key == "from" && field.Value is { } from && from.IndexOf('$') is >= 0 and var dollar && dollar + 1 < from.Length)
                return "variables are not expanded in `from` of `--mount`; a stage `FROM ${...} AS name` takes them";
            if (field.Key == "type" && field.Value is { } type && !type.Contains('$') && type.ToLowerInvariant() is not ("bind" or "cache" or "tmpfs" or "secret" or "ssh"))
                return $"unknown type `{type}` in `--mount`; the types are bind, cache, tmpfs, secret and ssh";
            if (field.Value is null && field.Key is not ("readonly" or "ro" or "readwrite" or "rw" or "required"))
                return $"`{field.Key}` in `--mount` has no value";
        }
        return null;
    }

    private static Field FieldOf(string content, List<int> indexes, int end)
    {
        int equals = content.IndexOf('=');
        if (equals < 0)
            return new Field(content.ToLowerInvariant(), null, end, end);
        bool empty = equals + 1 == content.Length;
        return new Field(content[..equals].ToLowerInvariant(), content[(equals + 1)..], empty ? end : indexes[equals + 1], empty ? end : indexes[^1] + 1);
    }
}
