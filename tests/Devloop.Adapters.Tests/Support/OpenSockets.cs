using System.Globalization;

namespace Devloop.Adapters.Tests.Support;

/// <summary>TCP connections that this process holds open at chosen ports, whatever other tests have open.</summary>
internal static class OpenSockets
{
    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    /// <summary>
    /// Waits until no more than so many are open, and the count has not changed for a while; gives the last count when patience ends first.
    /// </summary>
    public static async Task<int> RestingAsync(int[] ports, int atMost, CancellationToken patience)
    {
        int count = Count(ports);
        for (int same = 0; (count > atMost || same < 3) && !patience.IsCancellationRequested;)
        {
            await Task.Delay(100, CancellationToken.None);
            int now = Count(ports);
            (same, count) = (now == count ? same + 1 : 0, now);
        }
        return count;
    }

    /// <summary>Both ends of a connection count when both are this process's.</summary>
    public static int Count(int[] ports)
    {
        HashSet<string> own = [.. Directory.EnumerateFiles("/proc/self/fd").Select(Target).Where(t => t.StartsWith("socket:[", StringComparison.Ordinal)).Select(t => t[8..^1])];
        return Tables.Where(File.Exists).SelectMany(t => File.ReadLines(t).Skip(1)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            // proc(5): after the number come the local and the remote address, and the tenth word is the inode.
            .Count(words => own.Contains(words[9]) && (ports.Contains(Port(words[1])) || ports.Contains(Port(words[2]))));
    }

    private static int Port(string address) => int.Parse(address[(address.IndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Empty when it was closed in between.</summary>
    private static string Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
