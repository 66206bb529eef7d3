using System.Collections.Frozen;
using System.Globalization;

namespace Devloop.Dockerfiles;

/// <summary>What BuildKit refuses in a word once its variables have values.</summary>
internal static class WordRules
{
    private static readonly FrozenSet<string> Signals = new[]
    {
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM",
        "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    }.Concat(Enumerable.Range(1, 15).Select(n => $"RTMIN+{n}")).Concat(Enumerable.Range(1, 14).Select(n => $"RTMAX-{n}")).ToFrozenSet();

    /// <param name="instruction">The name of the instruction that the word stands in.</param>
    /// <param name="value">Without variables and quotes.</param>
    public static (string Message, string Help)? Refusal(string instruction, string value)
    {
        switch (instruction)
        {
            case "STOPSIGNAL" when !IsSignal(value):
                return (value.Length == 0 ? "`STOPSIGNAL` is empty" : $"`{value}` is not a signal", "a signal is a number or a name such as `SIGTERM`");
            case "EXPOSE":
                // The value of a variable may hold several ports.
                string? wrong = value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(p => !IsPort(p));
                return wrong is null ? null : ($"`{wrong}` is not a port", "a port is a number up to 65535 or a range, with `/tcp`, `/udp` or `/sctp` behind it where that matters: `80`, `8000-8010`, `53/udp`");
            default:
                return null;
        }
    }

    private static bool IsSignal(string value)
    {
        if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            return number != 0;
        string name = value.ToUpperInvariant();
        return Signals.Contains(name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name);
    }

    /// <summary><c>[[address:]port:]port[/protocol]</c>; what stands before the last port is read and then passed over.</summary>
    private static bool IsPort(string value)
    {
        string[] parts = value.Split(':'), port = parts[^1].Split('/');
        return RangeOf(port[0]) is { } inside
            && (port.Length == 1 || port[1].ToLowerInvariant() is "" or "tcp" or "udp" or "sctp")
            && (parts.Length == 1 || parts[^2].Length == 0 || (RangeOf(parts[^2]) is { } outside && (inside == 0 || inside == outside)));
    }

    /// <summary>How far the last port is from the first, or null when this is no range of ports.</summary>
    private static int? RangeOf(string ports)
    {
        string[] ends = ports.Split('-');
        return ushort.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort first)
            && ushort.TryParse(ends[Math.Min(1, ends.Length - 1)], NumberStyles.None, CultureInfo.InvariantCulture, out ushort last) && last >= first ? last - first : null;
    }
}
