using System.Runtime.InteropServices;

namespace Devloop.Adapters.Files;

internal enum StatusKind
{
    File,
    Directory,
    Symlink,

    /// <summary>A socket, a pipe or a device: never to be opened.</summary>
    Other,
}

/// <summary>What the system knows of a file without reading it. Two equal statuses of a path, not racy, mean the same content.</summary>
/// <param name="Mode">Permission bits, 0 to 07777; 0755 where the system has none.</param>
/// <param name="Modified">Nanoseconds since 1970.</param>
/// <param name="Changed">The ctime in nanoseconds since 1970; the time of change where the system has none.</param>
/// <param name="Inode">0 where the system has none.</param>
internal readonly record struct FileStatus(StatusKind Kind, int Mode, long Size, long Modified, long Changed, ulong Inode, ulong Device)
{
    private const int PermissionDenied = 13; // EACCES
    private const long Second = 1_000_000_000;

    /// <summary>Null when there is nothing. Throws <see cref="UnauthorizedAccessException"/> or <see cref="IOException"/>.</summary>
    /// <param name="follow">Whether a link stands for what it leads to.</param>
    public static FileStatus? Of(string path, bool follow = false)
    {
        if (OperatingSystem.IsLinux())
            return At(NativeMethods.CurrentDirectory, path, follow);
        if (OperatingSystem.IsMacOS())
        {
            bool x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
            NativeMethods.MacStatBuffer s;
            int result = (follow, x64) switch
            {
                (true, true) => NativeMethods.StatMac64(path, out s),
                (true, false) => NativeMethods.StatMac(path, out s),
                (false, true) => NativeMethods.LstatMac64(path, out s),
                (false, false) => NativeMethods.LstatMac(path, out s),
            };
            return result == 0
                ? new FileStatus(KindOf(s.Mode), s.Mode & 0xFFF, s.Size, (s.ModifiedSeconds * Second) + s.ModifiedNanoseconds,
                    (s.ChangedSeconds * Second) + s.ChangedNanoseconds, s.Inode, (ulong)s.Device)
                : Missing(path);
        }
        return Portable(path, follow);
    }

    /// <summary>On Linux only.</summary>
    /// <param name="directory">An open directory.</param>
    /// <param name="name">Relative to it.</param>
    internal static FileStatus? At(int directory, string name, bool follow) =>
        NativeMethods.Statx(directory, name, follow ? 0 : NativeMethods.NoFollow, NativeMethods.BasicStats, out NativeMethods.StatxBuffer s) == 0
            ? new FileStatus(KindOf(s.Mode), s.Mode & 0xFFF, (long)s.Size, (s.ModifiedSeconds * Second) + s.ModifiedNanoseconds,
                (s.ChangedSeconds * Second) + s.ChangedNanoseconds, s.Inode, ((ulong)s.DeviceMajor << 32) | s.DeviceMinor)
            : Missing(name);

    private static StatusKind KindOf(int mode) => (mode & 0xF000) switch
    {
        0x8000 => StatusKind.File,
        0x4000 => StatusKind.Directory,
        0xA000 => StatusKind.Symlink,
        _ => StatusKind.Other,
    };

    private static FileStatus? Missing(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            2 or 20 or 40 or 62 => null, // ENOENT, ENOTDIR, ELOOP on Linux and macOS
            PermissionDenied => throw new UnauthorizedAccessException($"stat of {path} is not permitted"),
            _ => throw new IOException($"stat of {path} failed with error {error}"),
        };
    }

    private static FileStatus? Portable(string path, bool follow)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (follow && info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            info = target;
        if (!info.Exists && info.LinkTarget is null)
            return null;
        StatusKind kind = info.LinkTarget is not null ? StatusKind.Symlink : info is DirectoryInfo ? StatusKind.Directory : StatusKind.File;
        long modified = (info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100;
        return new FileStatus(kind, 0x1ED, kind == StatusKind.File ? ((FileInfo)info).Length : 0, modified, modified, 0, 0);
    }
}
