namespace Devloop.Model;

/// <summary>Who owns a file, by numbers as in <c>chown(2)</c>.</summary>
public readonly record struct FileOwner(int User, int Group)
{
    public static FileOwner Root { get; }
}

/// <summary>What is to stand at one path of a container; whatever stands there in another form is replaced.</summary>
/// <param name="Path">Absolute, with <c>/</c>, without one at the end.</param>
public abstract record OverlayEntry(string Path)
{
    /// <summary>Null: that of what stands there, else that of the directory which holds it.</summary>
    public FileOwner? Owner { get; init; }

    /// <param name="Source">Absolute on this machine.</param>
    /// <param name="Size">In bytes.</param>
    /// <param name="Hash">What was hashed is what is sent.</param>
    /// <param name="Mode">As in <c>chmod(2)</c>: 0 to 07777.</param>
    public sealed record File(string Path, string Source, long Size, ContentHash Hash, int Mode, long ModifiedNanoseconds) : OverlayEntry(Path)
    {
        /// <summary>A directory that stands there is a surprise: nothing is changed then, and the image is built.</summary>
        public bool NeverDirectory { get; init; }
    }

    /// <summary>A directory; what is in it stays.</summary>
    /// <param name="Mode">As in <c>chmod(2)</c>: 0 to 07777.</param>
    public sealed record Directory(string Path, int Mode) : OverlayEntry(Path);

    /// <param name="Target">The link's text.</param>
    public sealed record Link(string Path, string Target) : OverlayEntry(Path);

    /// <summary>Nothing, and nothing below it.</summary>
    public sealed record Gone(string Path) : OverlayEntry(Path);
}
