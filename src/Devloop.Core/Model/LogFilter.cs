using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Devloop.Model;

/// <summary>Which lines of a resource's containers are shown.</summary>
/// <param name="Include">When there are any, only lines that one of them matches.</param>
/// <param name="Exclude">Lines that one of them matches are left out.</param>
public sealed record LogFilter(ImmutableArray<Regex> Include, ImmutableArray<Regex> Exclude)
{
    /// <summary>Shows every line.</summary>
    public static LogFilter All { get; } = new([], []);

    /// <summary>Takes time in proportion to the length of a line, whatever the pattern.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It looks around or refers back.</exception>
    public static Regex Pattern(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public bool Shows(string line) => (Include.IsEmpty || Include.Any(p => p.IsMatch(line))) && !Exclude.Any(p => p.IsMatch(line));

    /// <summary>Whether both say the same.</summary>
    public bool SameAs(LogFilter other) => Written(Include).SequenceEqual(Written(other.Include)) && Written(Exclude).SequenceEqual(Written(other.Exclude));

    private static IEnumerable<string> Written(ImmutableArray<Regex> patterns) => patterns.Select(p => p.ToString());
}
