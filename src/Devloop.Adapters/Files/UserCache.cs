namespace Devloop.Adapters.Files;

/// <summary>Where devloop keeps what it can lose: below <c>$XDG_CACHE_HOME</c>, or the cache directory that the system has.</summary>
public static class UserCache
{
    /// <summary>Counts up when files of an older version would be misread.</summary>
    private const string Version = "v1";

    /// <param name="environment">Looks a variable up; null or empty when it is not set.</param>
    public static string Directory(Func<string, string?> environment)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string cache = environment("XDG_CACHE_HOME") is { Length: > 0 } set && Path.IsPathFullyQualified(set) ? set // relative ones are to be ignored, says the XDG specification
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Path.Combine(home, ".cache");
        return Path.Combine(cache, "devloop", Version);
    }
}
