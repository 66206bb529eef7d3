using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Text;

namespace Devloop.Core.Tests.Dockerfiles;

/// <summary>Dockerfiles for tests, from text to what is asked of them.</summary>
internal static class Given
{
    public static Parsed<Dockerfile> Read(string text) => DockerfileReader.Read(new SourceText("Dockerfile", text));

    public static Dockerfile Dockerfile(string text)
    {
        Parsed<Dockerfile> parsed = Read(text);
        parsed.Diagnostics.ShouldBeEmpty();
        return parsed.Value.ShouldNotBeNull();
    }

    public static ResolvedDockerfile Resolved(string text, string? target = null, params (string Name, string Value)[] args)
    {
        Parsed<ResolvedDockerfile> resolved = TryResolve(text, target, args);
        resolved.Diagnostics.ShouldBeEmpty();
        return resolved.Value.ShouldNotBeNull();
    }

    public static Parsed<ResolvedDockerfile> TryResolve(string text, string? target = null, params (string Name, string Value)[] args) =>
        DockerfileResolver.Resolve(Dockerfile(text), Variables(target, args));

    public static BuildVariables Variables(string? target, params (string Name, string Value)[] args) => new()
    {
        Target = target,
        Args = args.ToImmutableSortedDictionary(a => a.Name, a => a.Value, StringComparer.Ordinal),
    };

    public static string[] Inputs(string text, string? target = null, params (string Name, string Value)[] args) =>
        [.. InputPatterns.Of(Resolved(text, target, args)).Patterns.Select(p => p.ToString())];

    public static IgnoreRules Ignore(params string[] lines)
    {
        Parsed<IgnoreRules> parsed = IgnoreRules.Read(new SourceText(".dockerignore", string.Join('\n', lines)));
        parsed.Diagnostics.ShouldBeEmpty();
        return parsed.Value.ShouldNotBeNull();
    }
}
