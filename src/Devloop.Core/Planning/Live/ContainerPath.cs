namespace Devloop.Planning.Live;

/// <summary>Paths inside a container: absolute, without a slash at the end; the root is empty.</summary>
internal static class ContainerPath
{
    public static bool IsAtOrBelow(string path, string directory) =>
        path.StartsWith(directory, StringComparison.Ordinal) && (path.Length == directory.Length || path[directory.Length] == '/');

    public static string ParentOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The directories that hold it, from the nearest up; without the root.</summary>
    public static IEnumerable<string> Above(string path)
    {
        for (string above = ParentOf(path); above.Length > 0; above = ParentOf(above))
            yield return above;
    }
}
