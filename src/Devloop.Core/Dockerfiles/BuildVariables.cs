using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Dockerfiles;

/// <summary>What a Dockerfile is resolved with.</summary>
public sealed record BuildVariables
{
    /// <summary>The build args with their values; those without a value are left out.</summary>
    public ImmutableSortedDictionary<string, string> Args { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The stage to build; null is the last one.</summary>
    public string? Target { get; init; }

    public BuildPlatform TargetPlatform { get; init; } = BuildPlatform.LinuxAmd64;

    /// <summary>The platform of the builder itself.</summary>
    public BuildPlatform BuilderPlatform { get; init; } = BuildPlatform.LinuxAmd64;

    /// <summary>What is known of external bases, by the resolved text that names them. Nothing known is fine: what would need it is then read cautiously.</summary>
    public ImmutableDictionary<string, BaseImage> BaseImages { get; init; } = ImmutableDictionary<string, BaseImage>.Empty;

    /// <summary>The args that BuildKit defines by itself, before build args override them.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Predefined()
    {
        yield return new("BUILDPLATFORM", BuilderPlatform.ToString());
        yield return new("BUILDOS", BuilderPlatform.Os);
        yield return new("BUILDOSVERSION", "");
        yield return new("BUILDARCH", BuilderPlatform.Architecture);
        yield return new("BUILDVARIANT", BuilderPlatform.Variant);
        yield return new("TARGETPLATFORM", TargetPlatform.ToString());
        yield return new("TARGETOS", TargetPlatform.Os);
        yield return new("TARGETOSVERSION", "");
        yield return new("TARGETARCH", TargetPlatform.Architecture);
        yield return new("TARGETVARIANT", TargetPlatform.Variant);
    }
}

/// <param name="Variant">Such as <c>v7</c>; empty for most.</param>
public sealed record BuildPlatform(string Os, string Architecture, string Variant = "")
{
    public static BuildPlatform LinuxAmd64 { get; } = new("linux", "amd64");

    /// <summary>Reads <c>os/arch[/variant]</c>; names that the world uses for the same thing are made one, as containerd does.</summary>
    public static BuildPlatform? TryParse(string text)
    {
        string[] parts = text.Trim().ToLowerInvariant().Split('/');
        if (parts.Length is < 2 or > 3 || parts.Any(p => p.Length == 0))
            return null;
        string variant = parts.Length == 3 ? parts[2] : "";
        return (parts[1], variant) switch
        {
            ("x86_64" or "x86-64" or "amd64", "v1" or "") => new(parts[0], "amd64"),
            ("x86_64" or "x86-64", _) => new(parts[0], "amd64", variant),
            ("aarch64" or "arm64", "8" or "v8" or "") => new(parts[0], "arm64"),
            ("aarch64", _) => new(parts[0], "arm64", variant),
            ("armhf", _) => new(parts[0], "arm", "v7"),
            ("armel", _) => new(parts[0], "arm", "v6"),
            ("arm", "" or "7") => new(parts[0], "arm", "v7"),
            ("i386" or "i486" or "i586" or "i686", _) => new(parts[0], "386"),
            _ => new(parts[0], parts[1], variant),
        };
    }

    public override string ToString() => $"{Os}/{Architecture}" + (Variant.Length > 0 ? $"/{Variant}" : "");
}
