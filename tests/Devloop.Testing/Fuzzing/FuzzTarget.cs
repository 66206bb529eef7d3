namespace Devloop.Testing.Fuzzing;

/// <summary>A reader under fuzz: what it reads, and what must hold whatever it is given.</summary>
/// <param name="Name">As the command line says it.</param>
/// <param name="Seeds">Texts to begin from.</param>
/// <param name="Tokens">Pieces of the language, which random bytes would seldom make.</param>
/// <param name="Check">Throws when something does not hold.</param>
public sealed record FuzzTarget(string Name, IReadOnlyList<string> Seeds, IReadOnlyList<string> Tokens, Action<string> Check)
{
    public static IReadOnlyList<FuzzTarget> All { get; } = [DockerfileFuzz.Target, IgnoreFuzz.Target, YamlFuzz.Target];
}
