using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>Manifests that another tool makes. Paths are relative to the project.</summary>
/// <param name="At">The entry of the config.</param>
public abstract record RenderedManifests(SourceSpan? At)
{
    /// <summary>What <c>kustomize build</c> makes of a directory.</summary>
    public sealed record Kustomize(string Directory, SourceSpan? At) : RenderedManifests(At)
    {
        public override string Named => $"kustomization `{Directory}`";
    }

    /// <summary>What <c>helm template</c> makes of a chart.</summary>
    /// <param name="Chart">A directory, or a packaged chart.</param>
    /// <param name="Values">Files of values, the later over the earlier.</param>
    /// <param name="Set">Single values over those, by path such as <c>image.tag</c>.</param>
    /// <param name="Namespace">Of the release, and of its objects that name none; null is the default one.</param>
    public sealed record Helm(string Chart, string Release, ImmutableArray<string> Values, ImmutableArray<HelmValue> Set, string? Namespace, SourceSpan? At) : RenderedManifests(At)
    {
        public override string Named => $"chart `{Chart}`";
    }

    /// <summary>How messages call it.</summary>
    public abstract string Named { get; }
}

/// <param name="IsText">Written in quotes: <c>"2"</c> is no number.</param>
public sealed record HelmValue(string Path, string Value, bool IsText);
