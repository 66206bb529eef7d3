using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.Versioning;
using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Support;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;

namespace Devloop.Adapters.Tests.Files;

/// <summary>The key of a project on disk, from its files by way of the real reader: what changes it and what does not.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ExactKeysTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly ContextReader _contexts = new();

    public ExactKeysTests() => Checkout("repo");

    public void Dispose() => _files.Dispose();

    public static TheoryData<string> Harmless => ["touch", "save", "replace", "chmod there and back", "outside", "beside", "comment", "git"];

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task What_leaves_the_content_leaves_the_key(string what)
    {
        ContentKey before = await Key("repo");
        string file = _files["repo/app/src/main.c"];
        switch (what)
        {
            case "touch":
                File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(1));
                break;
            case "save":
                File.WriteAllText(file, File.ReadAllText(file));
                break;
            case "replace": // as editors save: a new file in the place of the old one
                File.WriteAllText(file + "~", File.ReadAllText(file));
                File.SetUnixFileMode(file + "~", File.GetUnixFileMode(file));
                File.Move(file + "~", file, overwrite: true);
                break;
            case "chmod there and back":
                File.SetUnixFileMode(file, UnixFileMode.UserRead);
                await Key("repo");
                File.SetUnixFileMode(file, Plain);
                break;
            case "outside":
                _files.Write("repo/other/src/main.c", "more");
                break;
            case "beside":
                _files.Write("repo/app/README.md", "more").Write("repo/app/src/debug.log", "more");
                break;
            case "comment":
                _files.Write("repo/app/Dockerfile", "# why\n" + Dockerfile);
                break;
            case "git": // another branch and back
                Git("init", "-q", "-b", "main");
                Git("add", "-A");
                Git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "one");
                Git("checkout", "-q", "-b", "other");
                _files.Write("repo/app/src/main.c", "other").Write("repo/app/src/new.c", "other");
                Git("add", "-A");
                Git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "two");
                (await Key("repo")).ShouldNotBe(before);
                Git("checkout", "-q", "main");
                break;
        }
        (await Key("repo")).ShouldBe(before);
    }

    public static TheoryData<string> Changes => ["content", "same size", "mode", "name", "new", "gone", "link", "empty directory", "file for link"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_a_build_would_see_changes_the_key(string what)
    {
        ContentKey before = await Key("repo");
        string file = _files["repo/app/src/main.c"];
        switch (what)
        {
            case "content":
                File.WriteAllText(file, "int main() { return 1; }");
                break;
            case "same size": // within one tick of the file system's clock, with the time put back
                DateTime when = File.GetLastWriteTimeUtc(file);
                File.WriteAllText(file, File.ReadAllText(file).Replace('0', '1'));
                File.SetLastWriteTimeUtc(file, when);
                break;
            case "mode":
                File.SetUnixFileMode(file, Plain | UnixFileMode.UserExecute);
                break;
            case "name":
                File.Move(file, _files["repo/app/src/maim.c"]);
                break;
            case "new":
                _files.Write("repo/app/src/new", "");
                break;
            case "gone":
                File.Delete(file);
                break;
            case "link":
                File.Delete(_files["repo/app/src/link"]);
                File.CreateSymbolicLink(_files["repo/app/src/link"], "main.h");
                break;
            case "empty directory":
                Directory.CreateDirectory(_files["repo/app/src/empty"]);
                break;
            case "file for link":
                File.Delete(_files["repo/app/src/link"]);
                _files.Write("repo/app/src/link", "main.c");
                break;
        }
        (await Key("repo")).ShouldNotBe(before);
    }

    [Fact]
    public async Task Another_place_another_day_and_another_order_of_making_are_the_same_key()
    {
        ContentKey here = await Key("repo");
        Checkout("some where/else ü", reversed: true);
        foreach (string path in Directory.GetFiles(_files["some where"], "*", SearchOption.AllDirectories).Where(p => new FileInfo(p).LinkTarget is null))
            File.SetLastWriteTimeUtc(path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));

        (await Key("some where/else ü")).ShouldBe(here);
    }

    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const string Dockerfile = "FROM scratch\nCOPY src /src\n";

    private void Checkout(string at, bool reversed = false)
    {
        (string, string)[] files =
        [
            ("devloop.yaml", "version: 1\nimages:\n  app: {context: app}\n"), ("app/Dockerfile", Dockerfile), ("app/.dockerignore", "**/*.log\n"),
            ("app/src/main.c", "int main() { return 0; }"), ("app/src/a-b/x", "1"), ("app/src/a.b/x", "2"), ("app/src/a/x", "3"), ("app/src/ä", "4"), ("app/src/İ", "5"), ("app/src/i", "6"),
        ];
        foreach ((string path, string text) in reversed ? files.Reverse() : files)
        {
            _files.Write($"{at}/{path}", text);
            File.SetUnixFileMode(_files[$"{at}/{path}"], Plain);
        }
        File.CreateSymbolicLink(_files[$"{at}/app/src/link"], "main.c");
    }

    private async Task<ContentKey> Key(string at)
    {
        var tree = new FileTree(_files[at]);
        ImageDefinition image = ProjectLoader.Load(tree, "devloop.yaml", ImmutableDictionary<string, string>.Empty, new BuildPlatform("linux", "amd64")).Value.ShouldNotBeNull().Images[0];
        (InputReading? inputs, _) = await new InputReader(_contexts, tree.Root).ReadAsync(image, null, CancellationToken.None);
        return ContentKeys.Of(image, inputs.ShouldNotBeNull().Snapshot, ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty);
    }

    private void Git(params string[] arguments)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["-c", "core.hooksPath=/nonexistent", .. arguments]) { WorkingDirectory = _files["repo"] })!;
        git.WaitForExit();
        git.ExitCode.ShouldBe(0);
    }
}
