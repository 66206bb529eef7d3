using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Dockerfiles;

/// <summary>The variables of a stage as its instructions run: what the base has, then ARG and ENV in their order; the last one wins, as in BuildKit's own state.</summary>
internal sealed class StageEnvironment
{
    private StageEnvironment(ImmutableDictionary<string, string> values, bool isOpen, string? directory) => (Values, IsOpen, Directory) = (values, isOpen, directory);

    public ImmutableDictionary<string, string> Values { get; private set; }

    /// <summary>An external base may hold variables that are not known here.</summary>
    public bool IsOpen { get; }

    /// <summary>Where commands run, as a path from the root without a slash before it; null when an external base decides it.</summary>
    public string? Directory { get; private set; }

    public static StageEnvironment OfScratch() => new(ImmutableDictionary<string, string>.Empty, isOpen: false, "");

    public static StageEnvironment OfImage(BaseImage? image) => new(image?.Environment ?? ImmutableDictionary<string, string>.Empty, isOpen: image is null, directory: null);

    public StageEnvironment Child() => new(Values, IsOpen, Directory);

    public string? Get(string name) => Values.GetValueOrDefault(name);

    /// <param name="path">What WORKDIR names, from the root or from where the stage is; null when that cannot be known.</param>
    public void Enter(string? path) => Directory = path is null ? null : path.StartsWith('/') ? ContextPath.Clean(path) : Directory is null ? null : ContextPath.Clean($"{Directory}/{path}");

    public void Set(string name, string value) => Values = Values.SetItem(name, value);
}
