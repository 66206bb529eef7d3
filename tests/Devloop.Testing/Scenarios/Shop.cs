using System.Globalization;
using System.Text;

namespace Devloop.Testing.Scenarios;

/// <summary>
/// A small project, written in the words of a test: images with their bases and workloads that run them. Every image <c>x</c> has the
/// context <c>x</c> with the files <c>Dockerfile</c>, <c>src/main.txt</c> (copied) and <c>notes.md</c> (read by nothing).
/// </summary>
public sealed class Shop
{
    private readonly List<(string Name, string[] Bases)> _images = [];
    private readonly List<(string Name, string[] Images, string Settings)> _workloads = [];
    private readonly Dictionary<string, string> _extra = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _asked = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Settings)> _locals = [];
    private string _last = "";

    /// <summary>Images that stand on nothing of the project.</summary>
    public static Shop With(params string[] images)
    {
        var shop = new Shop();
        foreach (string image in images)
            shop.Image(image);
        return shop;
    }

    /// <summary>An image on its bases: the first is its FROM, from the others it copies.</summary>
    public Shop Image(string name, params string[] bases)
    {
        _images.Add((name, bases));
        _last = bases.Length == 0 ? name : _last;
        return this;
    }

    /// <summary>What the config says of an image beside its context, such as <c>tags: [v1]</c>.</summary>
    public Shop Asking(string image, string settings)
    {
        _asked[image] = ", " + settings;
        return this;
    }

    /// <summary>Images that stand on the one named last.</summary>
    public Shop Feeding(params string[] children)
    {
        foreach (string child in children)
            Image(child, _last);
        return this;
    }

    /// <summary>A Deployment of the same name that runs these images.</summary>
    /// <param name="settings">What the config says of it, as YAML in braces, such as <c>depends_on: [db]</c>.</param>
    public Shop Running(string workload, string[] images, string settings = "")
    {
        _workloads.Add((workload, images, settings));
        return this;
    }

    /// <summary>A command of this machine.</summary>
    /// <param name="settings">As YAML in braces, such as <c>command: make gen, deps: [proto]</c>.</param>
    public Shop Local(string name, string settings)
    {
        _locals.Add((name, settings));
        return this;
    }

    /// <summary>One more file.</summary>
    public Shop File(string path, string text)
    {
        _extra[path] = text;
        return this;
    }

    /// <summary>An object that belongs to no workload.</summary>
    public Shop Namespace(string name) =>
        File("k8s/00-namespace.yaml", $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");

    public FakeFileTree Files()
    {
        var files = new FakeFileTree();
        files.Write("devloop.yaml", Config());
        foreach ((string name, string[] bases) in _images)
            WriteImage(files, name, bases);
        foreach ((string name, string[] images, _) in _workloads)
            files.Write($"k8s/{name}.yaml", Manifest(name, images));
        foreach ((string path, string text) in _extra)
            files.Write(path, text);
        return files;
    }

    /// <summary>The config with some images left out.</summary>
    public string Config(params string[] without)
    {
        var yaml = new StringBuilder("version: 1\nname: shop\nimages:\n");
        foreach ((string name, _) in _images.Where(i => !without.Contains(i.Name)))
            yaml.Append(CultureInfo.InvariantCulture, $"  {name}: {{context: {name}{_asked.GetValueOrDefault(name)}}}\n");
        if (_workloads.Count > 0 || _extra.Keys.Any(k => k.StartsWith("k8s/", StringComparison.Ordinal)))
            yaml.Append("manifests: [k8s]\n");
        if (_workloads.Any(w => w.Settings.Length > 0))
            yaml.Append("resources:\n");
        foreach ((string name, _, string settings) in _workloads.Where(w => w.Settings.Length > 0))
            yaml.Append(CultureInfo.InvariantCulture, $"  {name}: {{{settings}}}\n");
        if (_locals.Count > 0)
            yaml.Append("local:\n");
        foreach ((string name, string settings) in _locals)
            yaml.Append(CultureInfo.InvariantCulture, $"  {name}: {{{settings}}}\n");
        return yaml.ToString();
    }

    public static string Manifest(string name, params string[] images)
    {
        string containers = string.Join(", ", images.Select((image, n) => $"{{name: c{n}, image: {image}}}"));
        return $$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{{name}}}}
            spec:
              selector: {matchLabels: {app: {{{name}}}}}
              template:
                metadata: {labels: {app: {{{name}}}}}
                spec: {containers: [{{{containers}}}]}

            """;
    }

    private static void WriteImage(FakeFileTree files, string name, string[] bases)
    {
        var dockerfile = new StringBuilder($"FROM {bases.FirstOrDefault("scratch")}\n");
        foreach (string needed in bases.Skip(1))
            dockerfile.Append(CultureInfo.InvariantCulture, $"COPY --from={needed} /src /{needed}\n");
        dockerfile.Append("COPY src /src\n");
        files.Write($"{name}/Dockerfile", dockerfile.ToString());
        files.Write($"{name}/src/main.txt", $"{name} 1\n");
        files.Write($"{name}/notes.md", "read by nothing\n");
    }
}
