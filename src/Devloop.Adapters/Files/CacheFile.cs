namespace Devloop.Adapters.Files;

/// <summary>What the files of the user's cache have in common: they come into being whole, and tell when they were last of use.</summary>
internal static class CacheFile
{
    /// <summary>Ends the names of files that are not whole yet.</summary>
    public const string Unfinished = ".tmp";

    private static readonly TimeSpan UseIsNotedAfter = TimeSpan.FromDays(1);

    /// <summary>Writes a file, in place of another one or of none. When it cannot be written, nothing changes.</summary>
    public static void WriteWhole(string path, Action<FileStream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                write(file);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DeleteQuietly(temporary);
        }
    }

    /// <summary>The time of change of a file says when it was last of use, to the day.</summary>
    public static void NoteUse(string path, DateTimeOffset now)
    {
        try
        {
            if (now - File.GetLastWriteTimeUtc(path) > UseIsNotedAfter)
                File.SetLastWriteTimeUtc(path, now.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It counts as unused for longer; that costs its content at worst.
        }
    }

    public static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The same trouble that kept it from being written, or somebody else was sooner.
        }
    }
}
