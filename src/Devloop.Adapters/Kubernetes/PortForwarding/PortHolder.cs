using System.Globalization;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>The process that listens on a local port, where Linux's <c>/proc</c> tells (proc(5), <c>/proc/net/tcp</c>).</summary>
internal sealed record PortHolder(int ProcessId, string Command)
{
    private const string Listening = "0A";
    private const int StateColumn = 3;
    private const int InodeColumn = 9;

    /// <summary>Null when it is not known: on other systems, or when the process is another user's.</summary>
    public static PortHolder? Find(int port)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        HashSet<string> sockets = [.. Inodes("/proc/net/tcp", port).Concat(Inodes("/proc/net/tcp6", port)).Select(i => $"socket:[{i}]")];
        return sockets.Count == 0 ? null : Directory.EnumerateDirectories("/proc").Select(d => Holder(d, sockets)).FirstOrDefault(h => h is not null);
    }

    private static IEnumerable<string> Inodes(string table, int port)
    {
        string suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return Lines(table)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > InodeColumn && columns[StateColumn] == Listening && columns[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(columns => columns[InodeColumn]);
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static PortHolder? Holder(string directory, HashSet<string> sockets)
    {
        if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            return null;
        try
        {
            return Directory.EnumerateFiles(Path.Combine(directory, "fd")).Any(fd => new FileInfo(fd).LinkTarget is { } target && sockets.Contains(target))
                ? new PortHolder(id, File.ReadAllText(Path.Combine(directory, "comm")).Trim())
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Processes end while we look, and those of other users may not be looked into.
            return null;
        }
    }
}
