using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// The patterns by which a server narrows a file transfer: those of <c>.dockerignore</c>, over relative paths with slashes. The
/// last pattern that matches wins; <c>!</c> turns a match back; a match of a directory covers what is below it.
/// </summary>
internal sealed class PathPatterns
{
    private readonly Pattern[] _patterns;

    public PathPatterns(IEnumerable<string> patterns)
    {
        var list = new List<Pattern>();
        foreach (string raw in patterns)
        {
            string text = raw.Trim();
            bool negated = text.StartsWith('!');
            if (negated)
                text = text[1..];
            // What leads out of the tree stays there: it matches nothing.
            string cleaned = Clean(text);
            text = LeadsOut(text) ? "../" + cleaned : cleaned;
            if (text.Length == 0)
                continue;
            list.Add(new Pattern(text, negated));
        }
        _patterns = [.. list];
        HasNegated = Array.Exists(_patterns, p => p.Negated);
        AllPlainPrefixes = Array.TrueForAll(_patterns, p => p.Negated || p.PlainPrefix is not null);
        NegatedArePlainPrefixes = Array.TrueForAll(_patterns, p => !p.Negated || p.PlainPrefix is not null);
    }

    public bool IsEmpty => _patterns.Length == 0;
    public bool HasNegated { get; }

    /// <summary>No positive pattern has a wildcard before its end, so whole directories can be ruled out.</summary>
    public bool AllPlainPrefixes { get; }
    public bool NegatedArePlainPrefixes { get; }

    /// <summary>
    /// Tells whether <paramref name="path"/> matches. <paramref name="parent"/> is the state that
    /// was given out for its directory (null at the top); the new state goes to its children.
    /// </summary>
    public bool Matches(string path, bool[]? parent, out bool[] state)
    {
        state = new bool[_patterns.Length];
        bool matched = false;
        for (int i = 0; i < _patterns.Length; i++)
        {
            Pattern pattern = _patterns[i];
            // A pattern that cannot change the verdict need not be tried.
            bool hit = parent is not null && parent[i] || pattern.Negated == matched && pattern.IsMatch(path);
            state[i] = hit;
            if (hit)
                matched = !pattern.Negated;
        }
        return matched;
    }

    /// <summary>Could a positive pattern match something below this directory? Only with <see cref="AllPlainPrefixes"/>.</summary>
    public bool MayMatchBelow(string directory) => AnyPrefixBelow(directory, negated: false);

    /// <summary>Could a "!" pattern bring back something below this directory? Only with <see cref="NegatedArePlainPrefixes"/>.</summary>
    public bool MayBringBackBelow(string directory) => AnyPrefixBelow(directory, negated: true);

    private bool AnyPrefixBelow(string directory, bool negated)
    {
        string start = directory + "/";
        return Array.Exists(_patterns, p => p.Negated == negated && (p.PlainPrefix + "/").StartsWith(start, StringComparison.Ordinal));
    }

    /// <summary>Removes ".", "..", doubled and outer slashes.</summary>
    public static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
                continue;
            }
            parts.Add(part);
        }
        return string.Join('/', parts);
    }

    private static bool LeadsOut(string path)
    {
        int depth = 0;
        foreach (string part in path.StartsWith('/') ? [] : path.Split('/'))
        {
            if (part is not ("" or "."))
                depth += part == ".." ? -1 : 1;
            if (depth < 0)
                return true;
        }
        return false;
    }

    private sealed class Pattern
    {
        private static readonly SearchValues<char> Special = SearchValues.Create("*?[]^\\");
        private static readonly SearchValues<char> Wildcards = SearchValues.Create("*?[]\\");

        private readonly string _exact;
        private readonly Regex? _regex;

        public Pattern(string text, bool negated)
        {
            Negated = negated;
            _exact = text;
            string prefix = text;
            if (prefix.EndsWith("/**", StringComparison.Ordinal))
                prefix = prefix[..^3];
            else if (prefix.EndsWith("/*", StringComparison.Ordinal))
                prefix = prefix[..^2];
            PlainPrefix = prefix.AsSpan().IndexOfAny(Special) < 0 ? prefix : null;
            if (text.AsSpan().IndexOfAny(Wildcards) >= 0)
                _regex = new Regex(ToRegex(text), RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }

        public bool Negated { get; }
        public string? PlainPrefix { get; }

        public bool IsMatch(string path) => _regex?.IsMatch(path) ?? path == _exact;

        private static string ToRegex(string glob)
        {
            var regex = new StringBuilder(@"\A");
            for (int i = 0; i < glob.Length; i++)
            {
                char c = glob[i];
                switch (c)
                {
                    case '*' when i + 1 < glob.Length && glob[i + 1] == '*':
                        i++;
                        if (i + 1 < glob.Length && glob[i + 1] == '/')
                            i++;
                        regex.Append(i + 1 == glob.Length ? ".*" : "(?:.*/)?");
                        break;
                    case '*':
                        regex.Append("[^/]*");
                        break;
                    case '?':
                        regex.Append("[^/]");
                        break;
                    case '[':
                        int close = glob.IndexOf(']', i + 1);
                        if (close < 0)
                            throw new FormatException($"pattern has no ']': {glob}");
                        regex.Append(glob, i, close - i + 1);
                        i = close;
                        break;
                    case '\\' when i + 1 < glob.Length:
                        regex.Append(Regex.Escape(glob[++i].ToString()));
                        break;
                    default:
                        regex.Append(Regex.Escape(c.ToString()));
                        break;
                }
            }
            return regex.Append(@"\z").ToString();
        }
    }
}
