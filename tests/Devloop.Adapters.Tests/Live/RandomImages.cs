using System.Collections.Immutable;
using System.Runtime.Versioning;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Small Dockerfiles, contexts and edits of them, by chance.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RandomImages(Random random, string externalBase)
{
    private static readonly ImmutableArray<string> Directories = ["src", "src/lib", "src/lib/deep", "conf", "it's a dir"];
    private static readonly ImmutableArray<string> Names = ["a.txt", "b.txt", "c.json", "run.sh", "ü n.txt", "x"];
    private static readonly ImmutableArray<UnixFileMode> Modes = [(UnixFileMode)0x1A4, (UnixFileMode)0x1A4, (UnixFileMode)0x1ED, (UnixFileMode)0x180, (UnixFileMode)0x9ED];
    private int _content;

    /// <summary>The text of a Dockerfile whose sources <see cref="Fill"/> makes.</summary>
    /// <param name="below">The image of the project to stand on; null for one of this class's own choice.</param>
    public string Dockerfile(string? below)
    {
        string root = below ?? (random.Next(4) == 0 ? externalBase : "scratch");
        var lines = new List<string> { $"FROM {root}" };
        if (below is null && random.Next(4) == 0)
        {
            lines[0] += " AS one";
            lines.AddRange(Instructions(root != "scratch", random.Next(1, 3)));
            if (random.Next(3) > 0)
            {
                lines.Add("FROM one");
            }
            else
            {
                lines.Add("FROM scratch");
                lines.Add($"COPY --from=one / {Pick("/taken", "/app", "/app/taken/")}");
                root = "scratch";
            }
        }
        lines.AddRange(Instructions(root == externalBase, random.Next(1, 5)));
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Whether the project's own base is used.</summary>
    public bool OnBase() => random.Next(5) == 0;

    public string Ignore() => Pick("", "", "", "*.json\n", "src/lib\n", "src/lib\n!src/lib/a.txt\n", "**/x\n");

    public void Fill(string context)
    {
        foreach (string directory in Directories)
            Directory.CreateDirectory(Path.Combine(context, directory));
        foreach (string certain in new[] { "a.txt", "c.json", "src/a.txt", "src/lib/a.txt", "conf/c.json" })
            Write(Path.Combine(context, certain));
        for (int i = random.Next(6); i > 0; i--)
            Write(Path.Combine(context, Place(), Pick([.. Names])));
        if (random.Next(3) == 0)
            Link(Path.Combine(context, Place(), "link"));
        if (random.Next(3) == 0)
            File.SetUnixFileMode(Path.Combine(context, Pick([.. Directories])), (UnixFileMode)0x1C0);
    }

    /// <summary>Edits a context in some way.</summary>
    public string Edit(string context)
    {
        string[] files = [.. Directory.EnumerateFiles(context, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("ockerfile", StringComparison.Ordinal) && !f.EndsWith(".dockerignore", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] directories = [.. Directory.EnumerateDirectories(context, "*", SearchOption.AllDirectories).Where(d => new DirectoryInfo(d).LinkTarget is null).Order(StringComparer.Ordinal)];
        if (files.Length == 0 || directories.Length == 0)
            return "nothing";
        string file = Pick(files), directory = Pick(directories), fresh = Path.Combine(context, Place(), $"new{random.Next(3)}");
        switch (random.Next(14))
        {
            case 0 or 1 or 2 or 3:
                Write(file);
                return $"write {file}";
            case 4 or 5:
                Write(fresh + ".txt");
                return $"add {fresh}.txt";
            case 6:
                File.Delete(file);
                return $"delete {file}";
            case 7 when !Path.Exists(fresh) && CanHold(fresh):
                File.Move(file, fresh);
                return $"move {file} to {fresh}";
            case 8 when new FileInfo(file).LinkTarget is null:
                File.SetUnixFileMode(file, (UnixFileMode)0x1C0);
                return $"chmod {file}";
            case 9:
                File.SetUnixFileMode(directory, (UnixFileMode)0x1E8);
                return $"chmod {directory}";
            case 10 when !Path.Exists(fresh):
                Link(fresh);
                return $"link {fresh}";
            case 11 when !Path.Exists(fresh) && CanHold(fresh) && !fresh.StartsWith(directory + "/", StringComparison.Ordinal):
                Directory.Move(directory, fresh);
                return $"move {directory}/ to {fresh}";
            case 12:
                File.Delete(file);
                Write(Path.Combine(file, "inner"));
                return $"{file} becomes a directory";
            case 13:
                Directory.Delete(directory, recursive: true);
                Write(directory);
                return $"{directory} becomes a file";
            default:
                Write(Path.Combine(directory, "also"));
                return $"add {directory}/also";
        }
    }

    private IEnumerable<string> Instructions(bool canRun, int count)
    {
        for (int i = 0; i < count; i++)
        {
            yield return random.Next(9) switch
            {
                0 => $"WORKDIR {Pick("/app", "/w", "sub")}",
                1 when canRun => Pick("RUN true", "RUN mkdir -p /app/gen && echo x > /app/gen/x"),
                2 => $"ADD {Pick("src", "conf", ".")} {Pick("/app", "/app/", "/srv/x")}",
                _ => $"COPY {Pick("", "", "", "--chown=1000:1001 ", "--chown=5 ", "--chmod=640 ")}{Sources()}",
            };
        }
        yield return $"COPY {Sources()}";
    }

    private string Sources() => Pick(
        $". {Into()}", $". {Into()}", $"src {Into()}", $"src/ {Into()}", $"src/lib {Into()}", $"conf {Into()}", $"a.txt {Pick("/app/a", "/app", "b", "/w/sub")}",
        $"a.txt {Pick("/app/", ".", "/srv/x/")}", $"*.txt {Pick("/app/", "/only/texts/", "./")}", $"s* {Pick("/app/", "/srv/")}", $"src/*/ {Pick("/app/", "/srv/y")}", $"conf src {Pick("/app/", "/both/")}", $"src/a.txt c.json {Pick("/app/", "/w/")}");

    private string Into() => Pick("/app", "/app/", "/srv/x", "/", ".", "sub", "/app/sub", "/had");

    private string Place() => random.Next(3) == 0 ? "." : Pick([.. Directories]);

    /// <summary>Makes the directories above a path; false where an edit before has put something else.</summary>
    private static bool CanHold(string path)
    {
        for (string? above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above) || new FileInfo(above).LinkTarget is not null)
                return false;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return true;
    }

    private void Write(string path)
    {
        if (!CanHold(path) || Directory.Exists(path))
            return;
        File.Delete(path);
        File.WriteAllText(path, $"content {_content++}\n");
        File.SetUnixFileMode(path, Modes[random.Next(Modes.Length)]);
    }

    private void Link(string path)
    {
        if (CanHold(path) && !Path.Exists(path) && new FileInfo(path).LinkTarget is null)
            File.CreateSymbolicLink(path, Pick("a.txt", "../a.txt", "nowhere", "lib", "/app/a.txt"));
    }

    private string Pick(params string[] from) => from[random.Next(from.Length)];
}
