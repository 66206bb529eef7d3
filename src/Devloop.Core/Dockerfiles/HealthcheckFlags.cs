using System.Buffers;
using System.Globalization;

namespace Devloop.Dockerfiles;

/// <summary>The values of the flags of HEALTHCHECK. Variables in them are not expanded; an empty value is the default.</summary>
internal static class HealthcheckFlags
{
    private const decimal NanosecondsInMillisecond = 1_000_000;

    private static readonly SearchValues<char> Figures = SearchValues.Create("0123456789.");

    /// <summary>What BuildKit refuses of a flag, or null.</summary>
    public static (string Message, string? Help)? Refusal(string name, string value)
    {
        if (value.Length == 0)
            return null;
        if (name == "retries")
            return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int retries) && retries >= 0 ? null
                : ($"`--retries` is a number from 0, not `{value}`", null);
        return Nanoseconds(value) switch
        {
            null => ($"`--{name}` is a duration, not `{value}`", "a duration is written with its unit: `30s`, `1m30s`, `500ms`"),
            // 0 stands for the default since 1.5 of the language.
            not 0 and < NanosecondsInMillisecond => ($"`--{name}` is at least 1ms, not `{value}`", null),
            _ => null,
        };
    }

    /// <summary>A duration as Go writes it: numbers, each with its unit, in any order; null when it is none or more than 292 years.</summary>
    private static decimal? Nanoseconds(string text)
    {
        ReadOnlySpan<char> rest = text;
        bool isNegative = rest[0] == '-';
        if (rest[0] is '+' or '-')
            rest = rest[1..];
        if (rest is "0")
            return 0;
        decimal sum = 0;
        do
        {
            int digits = rest.IndexOfAnyExcept(Figures);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
                return null;
            rest = rest[digits..];
            int unit = rest.IndexOfAny(Figures);
            if (UnitOf(unit < 0 ? rest : rest[..unit]) is not { } nanoseconds || number > long.MaxValue)
                return null;
            sum += number * nanoseconds;
            rest = unit < 0 ? "" : rest[unit..];
        }
        while (rest.Length > 0 && sum <= long.MaxValue);
        return sum > long.MaxValue ? null : isNegative ? -sum : sum;
    }

    private static decimal? UnitOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" => 1_000, // BuildKit reads flags byte by byte, and does not know the µ of Go in them
        "ms" => NanosecondsInMillisecond,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => null,
    };
}
