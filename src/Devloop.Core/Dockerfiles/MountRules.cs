using System.Collections.Immutable;
using System.Globalization;

namespace Devloop.Dockerfiles;

/// <summary>What BuildKit refuses of a <c>RUN --mount</c> once its variables have values.</summary>
/// <param name="valueOf">The value of a field as it is written; null when it cannot be known, and then nothing is refused for it.</param>
/// <param name="directory">Where the stage is; null when that cannot be known.</param>
internal sealed class MountRules(Func<string, string?> valueOf, string? directory)
{
    /// <summary>The values of what is given, under the first of its names; null where they cannot be known.</summary>
    private readonly Dictionary<string, string?> _given = new(StringComparer.Ordinal) { ["type"] = "bind" };

    /// <returns>The field at fault (null is the mount as a whole), what is wrong and what helps; null when nothing is wrong.</returns>
    public (RunMount.Field? At, string Message, string? Help)? Refusal(ImmutableArray<RunMount.Field> fields)
    {
        foreach (RunMount.Field field in fields)
        {
            string? value = field.Value is { } written ? valueOf(written) : "true";
            if (FieldRefusal(field.Key, value) is { } refusal)
                return (field, refusal.Message, refusal.Help);
            _given[NameOf(field.Key)] = field.Key == "type" ? value?.ToLowerInvariant() : value;
        }
        return WholeRefusal() is { } whole ? (null, whole.Message, whole.Help) : null;
    }

    private static string NameOf(string key) => key switch
    {
        "src" => "source",
        "dst" or "destination" => "target",
        _ => key,
    };

    /// <summary>A field may depend on the type only when the type stands before it.</summary>
    private (string Message, string? Help)? FieldRefusal(string key, string? value) => key switch
    {
        "required" when !MayBe("secret", "ssh") => ("`required` in `--mount` is for the types secret and ssh", "the type stands before it"),
        "size" when !MayBe("tmpfs") => ("`size` in `--mount` is for the type tmpfs", "the type stands before it"),
        _ when value is null => null,
        "type" when value.ToLowerInvariant() is not ("bind" or "cache" or "tmpfs" or "secret" or "ssh") => ($"unknown type `{value}` in `--mount`", "the types are bind, cache, tmpfs, secret and ssh"),
        "readonly" or "ro" or "readwrite" or "rw" or "required" when !IsSwitch(value) => ($"`{key}` in `--mount` is true or false, not `{value}`", null),
        "sharing" when value.ToLowerInvariant() is not ("shared" or "private" or "locked") => ($"`sharing` in `--mount` is shared, private or locked, not `{value}`", null),
        "mode" when !IsOctal(value) => ($"`mode` in `--mount` is an octal number, not `{value}`", "a mode is written as `0755`"),
        "uid" or "gid" when !uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) => ($"`{key}` in `--mount` is a number, not `{value}`", null),
        _ => null,
    };

    private (string Message, string? Help)? WholeRefusal()
    {
        if (!MayBe("cache", "secret", "ssh") && Array.Find(["mode", "uid", "gid"], _given.ContainsKey) is { } owner)
            return ($"`{owner}` in `--mount` is for the types cache, secret and ssh", null);
        if (!MayBe("cache") && _given.ContainsKey("sharing"))
            return ("`sharing` in `--mount` is for the type cache", null);
        return _given["type"] switch
        {
            "secret" when IsSet("from") => ("a secret comes from no stage and no image, and takes no `from`", null),
            "secret" when IsSet("source") && IsSet("id") => ("`id` and `source` of a secret mean the same, and both are given", null),
            "secret" when IsBlank("id") && IsBlank("source") && IsBlank("target") => ("a secret has neither `id` nor `target`", "`id` is the name that the secret has for the build"),
            "bind" or "cache" or "tmpfs" when IsOnRoot() => ("a mount cannot stand on `/`", "`target` says where it stands: `target=/path`"),
            _ => null,
        };
    }

    /// <summary>A relative target begins where the stage is.</summary>
    private bool IsOnRoot()
    {
        if (!_given.TryGetValue("target", out string? target))
            target = "";
        return target is not null && (target.StartsWith('/') ? target == "/" : directory is not null && ContextPath.Clean($"{directory}/{target}").Length == 0);
    }

    private bool MayBe(params ReadOnlySpan<string> types) => _given["type"] is not { } type || types.Contains(type);

    private bool IsSet(string key) => _given.TryGetValue(key, out string? value) && value is { Length: > 0 };

    private bool IsBlank(string key) => !_given.TryGetValue(key, out string? value) || value is { Length: 0 };

    private static bool IsSwitch(string value) => value is "1" or "t" or "T" or "true" or "TRUE" or "True" or "0" or "f" or "F" or "false" or "FALSE" or "False";

    private static bool IsOctal(string value) =>
        value.Length > 0 && value.All(c => c is >= '0' and <= '7') && value.TrimStart('0') is { Length: <= 11 } digits && (digits.Length < 11 || digits[0] <= '3');
}
