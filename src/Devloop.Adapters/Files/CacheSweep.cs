namespace Devloop.Adapters.Files;

/// <summary>
/// Keeps a directory of the user's cache within bounds: files that were of no use for long go, then those of no use for longest, and what
/// crashes left behind. The time of change of a file says when it was last of use. Several devloops may sweep at once.
/// </summary>
/// <param name="Unused">Files of no use for longer go.</param>
/// <param name="MostFiles">So many files stay at most.</param>
/// <param name="MostBytes">So many bytes stay at most.</param>
public sealed record CacheSweep(TimeSpan Unused, int MostFiles, long MostBytes)
{
    private const string Marker = "swept";

    private static readonly TimeSpan Often = TimeSpan.FromDays(1);

    /// <summary>Nobody writes a file for that long.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    /// <summary>Sweeps unless somebody did within a day. What cannot be deleted stays.</summary>
    public void Run(string directory, DateTimeOffset now, CancellationToken cancellationToken)
    {
        string marker = Path.Combine(directory, Marker);
        try
        {
            if (!Directory.Exists(directory) || now - File.GetLastWriteTimeUtc(marker) < Often)
                return;
            File.WriteAllBytes(marker, []);
            File.SetLastWriteTimeUtc(marker, now.UtcDateTime);
            var kept = new List<FileInfo>();
            foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Name is not (Marker or CacheLock.Name)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                TimeSpan age = now - file.LastWriteTimeUtc;
                bool unfinished = file.Name.EndsWith(CacheFile.Unfinished, StringComparison.Ordinal);
                if (age > (unfinished ? Abandoned : Unused))
                    CacheFile.DeleteQuietly(file.FullName);
                else if (!unfinished)
                    kept.Add(file);
            }
            long bytes = 0;
            int files = 0;
            foreach (FileInfo file in kept.OrderByDescending(f => f.LastWriteTimeUtc))
            {
                cancellationToken.ThrowIfCancellationRequested();
                bytes += file.Length;
                if (++files > MostFiles || bytes > MostBytes)
                    CacheFile.DeleteQuietly(file.FullName);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else sweeps, or the directory is closed to us: tomorrow is early enough.
        }
    }
}
