using System.CommandLine.Parsing;
using System.Globalization;

namespace Devloop.Cli.Commands;

/// <summary>Durations on the command line: <c>90s</c>, <c>10m</c>, <c>1h</c>, <c>500ms</c>; a bare number counts seconds.</summary>
internal static class TimeText
{
    public static TimeSpan Parse(ArgumentResult result)
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (TryParse(text, out TimeSpan time))
            return time;
        result.AddError($"`{text}` is not a time: `90s`, `10m` and `1h` are");
        return default;
    }

    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        (string suffix, double seconds)[] units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];
        (string unit, double factor) = units.First(u => text.EndsWith(u.suffix, StringComparison.Ordinal));
        string number = text[..^unit.Length];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value <= 0 || value * factor > TimeSpan.FromDays(7).TotalSeconds)
            return false;
        time = TimeSpan.FromSeconds(value * factor);
        return true;
    }
}
