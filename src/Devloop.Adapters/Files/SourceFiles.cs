using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>Files of this machine's disks.</summary>
public sealed class SourceFiles : ISourceFiles
{
    public Stream? Open(string path)
    {
        try
        {
            // A pipe or a device may never end, and opening one may wait for somebody.
            if (FileStatus.Of(path) is not { Kind: StatusKind.File })
                return null;
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0, Options = FileOptions.SequentialScan });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
