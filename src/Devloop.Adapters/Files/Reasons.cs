namespace Devloop.Adapters.Files;

/// <summary>Failures of the disk in a few words for messages.</summary>
internal static class Reasons
{
    public static string Of(Exception e) => e switch
    {
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException or DirectoryNotFoundException => "no such file or directory",
        PathTooLongException => "the path is too long",
        _ => "the disk reported an error",
    };
}
