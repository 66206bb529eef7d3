using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Devloop.Yaml;

internal enum ScalarKind
{
    Text,
    Null,
    True,
    False,
    Integer,
    Float,

    /// <summary>Not a number or infinite: JSON cannot hold it.</summary>
    NotFinite,
}

/// <summary>
/// What a plain scalar means to kubectl (sigs.k8s.io/yaml, YAML 1.1): <c>yes</c> and <c>on</c> are true, <c>010</c> is 8, <c>1_000</c> is 1000,
/// a date is text. Integers are exact up to 64 bits; beyond they are floats, as in kubectl.
/// </summary>
internal static partial class YamlScalars
{
    public static ScalarKind KindOf(string text) => Resolve(text, out _);

    /// <summary>The JSON value of a plain scalar; null for the null value. False for what JSON cannot hold.</summary>
    public static bool TryValue(string text, out JsonNode? value)
    {
        ScalarKind kind = Resolve(text, out JsonNode? number);
        value = kind switch
        {
            ScalarKind.Null or ScalarKind.NotFinite => null,
            ScalarKind.True => JsonValue.Create(true),
            ScalarKind.False => JsonValue.Create(false),
            ScalarKind.Integer or ScalarKind.Float => number,
            _ => JsonValue.Create(text),
        };
        return kind != ScalarKind.NotFinite;
    }

    private static ScalarKind Resolve(string text, out JsonNode? number)
    {
        number = null;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return ScalarKind.Null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return ScalarKind.True;
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return ScalarKind.False;
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                return ScalarKind.NotFinite;
        }
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
            return ScalarKind.Text;
        string plain = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        if (text[0] != '.' && Integer(plain) is { } integer)
        {
            number = integer;
            return ScalarKind.Integer;
        }
        if (!Float().IsMatch(plain))
            return ScalarKind.Text;
        double value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
            return ScalarKind.Text;
        number = JsonValue.Create(value);
        return ScalarKind.Float;
    }

    /// <summary>Go's <c>ParseInt</c> with base 0: a prefix <c>0x</c>, <c>0o</c>, <c>0b</c> or <c>0</c> says the base.</summary>
    private static JsonValue? Integer(string text)
    {
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        uint radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            radix = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, >= '0' and <= '9' => 8, _ => 0 };
            digits = digits[(char.IsAsciiDigit(digits[1]) ? 1 : 2)..];
        }
        if (digits.IsEmpty || radix == 0)
            return null;
        UInt128 value = 0;
        foreach (char c in digits)
        {
            if (!char.IsAsciiHexDigit(c) || Convert.ToUInt32(c.ToString(), 16) is var digit && digit >= radix)
                return null;
            value = (value * radix) + digit;
            if (value > ulong.MaxValue)
                return null;
        }
        if (!negative)
            return value <= long.MaxValue ? JsonValue.Create((long)value) : text.StartsWith('+') ? null : JsonValue.Create((ulong)value);
        return value <= (UInt128)long.MaxValue + 1 ? JsonValue.Create((long)(-(Int128)value)) : null;
    }

    [GeneratedRegex(@"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
