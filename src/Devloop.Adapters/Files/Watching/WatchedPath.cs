namespace Devloop.Adapters.Files.Watching;

/// <summary>What the watchers share about paths.</summary>
internal static class WatchedPath
{
    /// <summary>Version control writes there at every command; nothing in it is an input.</summary>
    public const string Ignored = ".git";

    public static bool IsBelow(string path, string directory) =>
        path.StartsWith(directory.EndsWith(Path.DirectorySeparatorChar) ? directory : directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The entries of a directory and which of them are directories themselves, not links to some; empty when it is gone or closed to us.</summary>
    public static List<(string Path, bool IsDirectory)> Entries(string directory)
    {
        try
        {
            return [.. DirectoryNames.WithKind(directory).Where(e => e.Name != Ignored).Select(e => (Path.Combine(directory, e.Name), e.IsDirectory))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
