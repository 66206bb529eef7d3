using System.Text.RegularExpressions;

namespace Devloop.Config;

/// <summary>How a path stands to a glob.</summary>
public enum GlobRelation
{
    /// <summary>Neither it nor anything below it matches.</summary>
    Apart,

    /// <summary>It does not match, but something below it may.</summary>
    OnTheWay,

    /// <summary>It matches, or is below what matches.</summary>
    Named,
}

/// <summary>A path with wildcards: <c>*</c> and <c>?</c> stand within a part, <c>**</c> for any number of parts. Without any it is the path and all below it.</summary>
public sealed class PathGlob
{
    private readonly Regex?[] _parts;

    /// <param name="text">With <c>/</c>; <c>.</c> is everything.</param>
    public PathGlob(string text)
    {
        Text = text;
        _parts = text is "." ? [] : [.. text.Split('/').Select(p => p == "**" ? null : PartOf(p))];
    }

    public string Text { get; }

    public bool HasWildcards => Text.AsSpan().IndexOfAny("*?") >= 0;

    public GlobRelation Relate(string path) => Relate(path is "." or "" ? [] : path.Split('/'), 0, 0);

    private GlobRelation Relate(string[] path, int at, int part)
    {
        if (part == _parts.Length)
            return GlobRelation.Named;
        if (at == path.Length)
            return _parts[part] is null && part == _parts.Length - 1 ? GlobRelation.Named : GlobRelation.OnTheWay;
        if (_parts[part] is { } pattern)
            return pattern.IsMatch(path[at]) ? Relate(path, at + 1, part + 1) : GlobRelation.Apart;
        GlobRelation without = Relate(path, at, part + 1);
        return without == GlobRelation.Named ? without : (GlobRelation)Math.Max((int)without, (int)Relate(path, at + 1, part));
    }

    private static Regex PartOf(string part) =>
        new("^" + Regex.Escape(part).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
}
