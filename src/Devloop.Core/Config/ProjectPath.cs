namespace Devloop.Config;

/// <summary>Paths as the config writes them: with <c>/</c>, relative to the project. Nothing here asks the disk.</summary>
public static class ProjectPath
{
    /// <summary>Joins two paths; an absolute second one stands alone.</summary>
    public static string Join(string directory, string path) =>
        IsAbsolute(path) || directory is "" or "." ? Clean(path) : Clean(directory + "/" + path);

    /// <summary>Without <c>.</c>, doubled slashes and <c>x/..</c>; the project's own directory is <c>.</c>.</summary>
    public static string Clean(string path)
    {
        path = path.Replace('\\', '/');
        bool rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
                continue;
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part != ".." || !rooted)
                parts.Add(part);
        }
        string cleaned = string.Join('/', parts);
        return rooted ? "/" + cleaned : cleaned.Length == 0 ? "." : cleaned;
    }

    /// <summary><c>/x</c> and, on Windows, <c>C:/x</c>.</summary>
    public static bool IsAbsolute(string path) =>
        path.StartsWith('/') || path.StartsWith('\\') || (path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] is '/' or '\\');

    /// <summary>A path of the project as an absolute one, with <c>/</c>.</summary>
    public static string Absolute(string root, string path) => IsAbsolute(path) ? Clean(path) : Join(root.Replace('\\', '/'), path);

    /// <summary>An absolute path relative to a directory, or null when it is not below it; the directory itself is <c>.</c>.</summary>
    public static string? Below(string directory, string path)
    {
        (directory, path) = (directory.Replace('\\', '/').TrimEnd('/'), path.Replace('\\', '/'));
        if (path == directory)
            return ".";
        return path.StartsWith(directory + "/", StringComparison.Ordinal) ? path[(directory.Length + 1)..] : null;
    }
}
