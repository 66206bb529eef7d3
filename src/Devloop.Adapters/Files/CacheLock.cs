namespace Devloop.Adapters.Files;

/// <summary>One devloop at a time: held while a part of the user's cache is read and changed. The system gives it back when a process dies.</summary>
internal static class CacheLock
{
    /// <summary>The name of the file that is locked; it stays.</summary>
    public const string Name = "lock";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Waits for its turn. Throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when it cannot be had.</summary>
    public static IDisposable Take(string directory)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, Name);
        FileStream? held = null;
        return SpinWait.SpinUntil(() => (held = TryOpen(path)) is not null, Patience) ? held! : throw new IOException("the lock is not given back");
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }

    /// <summary>EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION.</summary>
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x8007_0020);
}
