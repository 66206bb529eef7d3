using System.Collections.Immutable;

namespace Devloop.Dockerfiles;

/// <summary>The variables of a stage as its instructions run: what the base has, then ARG and ENV in their order; the last one wins, as in BuildKit's own state.</summary>
internal sealed class StageEnvironment
{
    private StageEnvironment(ImmutableDictionary<string, string> values, bool isOpen) => (Values, IsOpen) = (values, isOpen);

    public ImmutableDictionary<string, string> Values { get; private set; }

    /// <summary>An external base may hold variables that are not known here.</summary>
    public bool IsOpen { get; }

    public static StageEnvironment OfScratch() => new(ImmutableDictionary<string, string>.Empty, isOpen: false);

    public static StageEnvironment OfImage(BaseImage? image) => new(image?.Environment ?? ImmutableDictionary<string, string>.Empty, isOpen: image is null);

    public StageEnvironment Child() => new(Values, IsOpen);

    public string? Get(string name) => Values.GetValueOrDefault(name);

    public void Set(string name, string value) => Values = Values.SetItem(name, value);
}
