namespace Devloop.Dockerfiles;

/// <summary>Paths inside a build context: relative, with <c>/</c>; the empty path is the context itself.</summary>
internal static class ContextPath
{
    /// <summary>Takes out empty parts, <c>.</c> and <c>..</c>; what would lead out of the context stops at its root.</summary>
    public static string Clean(string path)
    {
        if (path.Length > 0 && path[0] is not ('/' or '.') && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal) && path[^1] != '/')
            return path;
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == "..")
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            else if (part is not ("" or "."))
                parts.Add(part);
        }
        return string.Join('/', parts);
    }

    /// <summary>Go's <c>filepath.Clean</c>, which keeps a leading slash and leading <c>..</c> parts; the empty path becomes <c>.</c>.</summary>
    public static string GoClean(string path)
    {
        bool rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (!rooted)
                parts.Add(part);
        }
        string cleaned = (rooted ? "/" : "") + string.Join('/', parts);
        return cleaned.Length == 0 ? "." : cleaned;
    }

    public static string ParentOf(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";
}
