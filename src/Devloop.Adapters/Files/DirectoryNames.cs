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

    /// <summary>
    /// Compares by the bytes of the UTF-8 form, as BuildKit does. Comparing UTF-16 differs from it only where surrogates meet
    /// U+E000 and above.
    /// </summary>
    public static int CompareAsUtf8(string a, string b)
    {
        int length = Math.Min(a.Length, b.Length);
        for (int i = 0; i < length; i++)
        {
            if (a[i] == b[i])
                continue;
            bool surrogateA = char.IsSurrogate(a[i]), surrogateB = char.IsSurrogate(b[i]);
            return surrogateA == surrogateB ? a[i] - b[i] : surrogateA ? 1 : -1;
        }
        return a.Length - b.Length;
    }
}
