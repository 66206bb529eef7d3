using System.Globalization;
using System.Text;

namespace Devloop.EndToEnd.Tests.Support;

/// <summary>A project of a test: files in a directory of its own, names no other test uses, and a store of keys of its own.</summary>
internal sealed class TestProject : IAsyncDisposable
{
    /// <summary>A base that every test can afford: one static binary.</summary>
    public const string Busybox = "FROM scratch\nCOPY busybox /bin/busybox\n";

    /// <summary>Runs what the file `gate` of the context says, so that a test can have a build take long, fail, or pass.</summary>
    public const string Gate = "COPY gate /gate\nRUN [\"/bin/busybox\", \"sh\", \"/gate\"]\n";

    /// <summary>A gate that keeps a build until it is cancelled.</summary>
    public const string Shut = "/bin/busybox sleep 300\n";

    private readonly string? _namespace;

    private TestProject(string? @namespace, string id)
    {
        (_namespace, Id) = (@namespace, id);
        Environment = new(StringComparer.Ordinal)
        {
            ["XDG_CACHE_HOME"] = Path.Combine(Home, "cache"),
            ["NO_COLOR"] = "1",
            ["KUBECONFIG"] = @namespace is null ? Path.Combine(Home, "no-kubeconfig") : TestNamespace.Kubeconfig,
        };
        System.IO.Directory.CreateDirectory(Directory);
    }

    /// <summary>Unique, and fit to be part of an image's name.</summary>
    public string Id { get; }

    private string Home { get; } = System.IO.Directory.CreateTempSubdirectory("devloop-e2e-").FullName;

    /// <summary>Where devloop.yaml is.</summary>
    public string Directory => Path.Combine(Home, "project");

    /// <summary>Set for devloop on top of what the tests themselves have.</summary>
    public Dictionary<string, string?> Environment { get; }

    public static TestProject Create(TestNamespace? @namespace = null) => new(@namespace?.Name, "e2e-" + Guid.NewGuid().ToString("N")[..8]);

    /// <summary>The same sources, checked out elsewhere by somebody who built nothing yet.</summary>
    public TestProject OnAnotherMachine()
    {
        var other = new TestProject(_namespace, Id);
        foreach (string file in System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories))
        {
            string copy = other.PathOf(Path.GetRelativePath(Directory, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return other;
    }

    /// <summary>The name of one of the project's images.</summary>
    public string Image(string name) => $"{Id}-{name}";

    public string PathOf(string path) => Path.Combine(Directory, path);

    /// <summary>Writes a file in place, in one go: at no moment is it empty.</summary>
    public TestProject Write(string path, string text)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        using FileStream file = new(PathOf(path), FileMode.OpenOrCreate, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(text));
        file.Flush();
        file.SetLength(file.Position);
        return this;
    }

    /// <summary>Writes a file as careful editors do: beside it, then renamed over it.</summary>
    public void WriteAtomically(string path, string text)
    {
        string temporary = PathOf(path) + "~";
        File.WriteAllText(temporary, text);
        File.Move(temporary, PathOf(path), overwrite: true);
    }

    /// <summary>Puts the static busybox into a context.</summary>
    public TestProject WithBusybox(string context = ".")
    {
        System.IO.Directory.CreateDirectory(PathOf(context));
        File.Copy("/bin/busybox", PathOf(Path.Combine(context, "busybox")));
        return this;
    }

    /// <summary>One image, <c>app</c>, that is busybox alone, and manifests that run it.</summary>
    /// <param name="more">Further sections of the config.</param>
    public static async Task<TestProject> OfBusyboxAsync(TestNamespace @namespace, Func<string, string> manifest, string more = "")
    {
        TestProject project = Create(@namespace);
        string image = project.Image("app");
        return project.WithBusybox()
            .Write("Dockerfile", Busybox + "ENTRYPOINT [\"/bin/busybox\", \"sleep\", \"100000\"]\n")
            .Write("app.yml", manifest(image))
            .Write("devloop.yaml", $"version: 1\nname: {project.Id}\ncluster: {await ManifestText.ClusterAsync(@namespace)}\nimages:\n  {image}: {{context: .}}\nmanifests: [app.yml]\n{more}");
    }

    /// <summary>A file of the project that is different from every other of its kind.</summary>
    public static string Fresh(string prefix = "content") => string.Create(CultureInfo.InvariantCulture, $"{prefix} {Guid.NewGuid():N}\n");

    public async ValueTask DisposeAsync()
    {
        // Keys are recorded for what was built; without any there is nothing to take away.
        bool built = System.IO.Directory.Exists(Path.Combine(Home, "cache"));
        System.IO.Directory.Delete(Home, recursive: true);
        if (built)
            await RemoveImagesAsync();
    }

    /// <summary>Takes the project's images out of the engine, as on a machine that never had them.</summary>
    public async Task RemoveImagesAsync()
    {
        // The engine may refuse while it is at work on the same layers for another test.
        for (int tries = 5; ; tries--)
        {
            string references = await Tool.OutputAsync("docker", "images", "--filter", $"reference={Id}*", "--filter", $"reference=*/{Id}*", "--format", "{{.Repository}}:{{.Tag}}");
            string[] images = references.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (images.Length == 0)
                return;
            // What a pod still runs goes with the pod; nothing of a test depends on it.
            Ended ended = await Tool.RunAsync(new System.Diagnostics.ProcessStartInfo("docker", ["rmi", "--force", .. images]));
            tries.ShouldBeGreaterThan(0, ended.Error);
        }
    }
}
