namespace Devloop.Ports;

/// <summary>Files of this machine, as bytes.</summary>
public interface ISourceFiles
{
    /// <summary>Opens a file to be read from its start; the caller disposes of it. Null when it is not there, is no file or cannot be read.</summary>
    /// <param name="path">Absolute.</param>
    Stream? Open(string path);
}
