using System.Collections.Immutable;

namespace Devloop.Model;

/// <summary>The parts of an image's config that a build on it depends on.</summary>
/// <param name="OnBuild">Its triggers, each as an instruction.</param>
public sealed record BaseImage(ImmutableDictionary<string, string> Environment, ImmutableArray<string> OnBuild)
{
    /// <summary>What a container of it runs; empty when it says nothing.</summary>
    public ImmutableArray<string> Entrypoint { get; init; } = [];

    /// <summary>The arguments of the entrypoint, or what runs without one.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>Where a container of it starts; the root when it says nothing.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <param name="environment">As image configs have it: <c>NAME=value</c>.</param>
    public static BaseImage Of(IEnumerable<string> environment, IEnumerable<string> onBuild)
    {
        var values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (string pair in environment)
        {
            int equals = pair.IndexOf('=');
            values[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : pair[(equals + 1)..];
        }
        return new BaseImage(values.ToImmutable(), [.. onBuild]);
    }
}
