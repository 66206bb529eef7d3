using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>log</c> of a resource: which lines of its containers are shown.</summary>
internal static class LogSection
{
    public static LogFilter Read(Section resource)
    {
        if (resource.Sub("log") is not { } section)
            return LogFilter.All;
        var filter = new LogFilter(Patterns(section, "include"), Patterns(section, "exclude"));
        section.Finish();
        return filter;
    }

    private static ImmutableArray<Regex> Patterns(Section section, string key)
    {
        var patterns = ImmutableArray.CreateBuilder<Regex>();
        foreach (YamlNode node in section.Items(key))
        {
            if (section.AsText(node, $"an entry of `{key}`") is not { } text)
                continue;
            try
            {
                patterns.Add(LogFilter.Pattern(text));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{text}` is not a regular expression") with
                {
                    At = node.At,
                    Help = e is NotSupportedException ? "look-around and back references are not supported, so that every line is checked quickly" : "a sign such as `[` or `(` that stands for itself gets a `\\` before it",
                });
            }
        }
        return patterns.ToImmutable();
    }
}
