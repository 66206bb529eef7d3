using System.IO.Enumeration;

namespace Devloop.Adapters.Files;

/// <summary>The names in a directory, hidden ones too.</summary>
internal static class DirectoryNames
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        MatchType = MatchType.Simple,
        RecurseSubdirectories = false,
        ReturnSpecialDirectories = false,
    };

    public static List<string> Of(string directory) =>
        [.. new FileSystemEnumerable<string>(directory, (ref FileSystemEntry entry) => entry.FileName.ToString(), Everything)];

    /// <summary>The same with which of them are directories and not links to some; costs a system call for directories only.</summary>
    public static IEnumerable<(string Name, bool IsDirectory)> WithKind(string directory) => new FileSystemEnumerable<(string, bool)>(
        directory,
        (ref FileSystemEntry entry) => (entry.FileName.ToString(), entry.IsDirectory && (entry.Attributes & FileAttributes.ReparsePoint) == 0),
        Everything);
}
