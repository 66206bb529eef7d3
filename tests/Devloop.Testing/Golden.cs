using System.Runtime.CompilerServices;
using Shouldly;

namespace Devloop.Testing;

/// <summary>
/// Compares a text with a file in the folder <c>Golden</c> beside the test. With <c>UPDATE_GOLDEN=1</c> the file is written instead; its diff is
/// reviewed like code.
/// </summary>
public static class Golden
{
    private const int Context = 2;

    /// <param name="name">The file's name without its ending.</param>
    public static void Check(string actual, string name, [CallerFilePath] string caller = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(caller)!, "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }
        string expected = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (expected != actual)
            throw new ShouldAssertException($"{path} says otherwise (- golden, + now); UPDATE_GOLDEN=1 writes it anew\n\n{Difference(expected, actual)}");
    }

    /// <summary>The lines that differ, with a few around them.</summary>
    private static string Difference(string expected, string actual)
    {
        string[] before = expected.Split('\n'), now = actual.Split('\n');
        // common[i, j] is the length of the longest common subsequence of what follows line i and line j.
        int[,] common = new int[before.Length + 1, now.Length + 1];
        for (int i = before.Length - 1; i >= 0; i--)
        {
            for (int j = now.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }
        var lines = new List<string>();
        int x = 0, y = 0;
        while (x < before.Length || y < now.Length)
        {
            if (x < before.Length && y < now.Length && before[x] == now[y])
            {
                lines.Add("  " + before[x++]);
                y++;
            }
            else if (y == now.Length || (x < before.Length && common[x + 1, y] >= common[x, y + 1]))
            {
                lines.Add("- " + before[x++]);
            }
            else
            {
                lines.Add("+ " + now[y++]);
            }
        }
        bool Shown(int line) => lines.Index().Any(l => l.Item[0] != ' ' && Math.Abs(l.Index - line) <= Context);
        return string.Join('\n', lines.Where((_, n) => Shown(n)));
    }
}
