using System.Runtime.InteropServices;

namespace Devloop.Adapters.Files;

/// <summary>
/// Asks for the status of many entries of one directory. On Linux the directory is opened once, so that the system need not find the way to
/// it again for each name; elsewhere, and where it cannot be opened, by whole paths.
/// </summary>
internal readonly struct OpenDirectory : IDisposable
{
    private readonly string _path;
    private readonly int _handle;

    public OpenDirectory(string path)
    {
        _path = path;
        _handle = OperatingSystem.IsLinux() ? NativeMethods.Open(path, NativeMethods.PathOnly) : -1;
    }

    /// <summary>Null when there is nothing of that name. Throws as <see cref="FileStatus.Of"/>; links are not followed.</summary>
    public FileStatus? StatusOf(string name) => _handle >= 0 ? FileStatus.At(_handle, name, follow: false) : FileStatus.Of(PathOf(name));

    public string PathOf(string name) => Path.Combine(_path, name);

    public void Dispose()
    {
        if (_handle >= 0)
            _ = NativeMethods.Close(_handle);
    }
}
