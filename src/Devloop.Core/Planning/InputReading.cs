using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>The inputs of an image as they were read.</summary>
/// <param name="Own">The image's own filter at that time; what its bases bring may change it.</param>
/// <param name="Filter">The one that gave the inputs: the own one, or a wider one where links among the inputs lead to more.</param>
public sealed record InputReading(ContextSnapshot Snapshot, ContextFilter Own, ContextFilter Filter)
{
    /// <summary>The inputs with what containers get besides them; null when the inputs hold all of that.</summary>
    public InputReading? Synced { get; init; }
}

/// <summary>What was read before and need not be read again.</summary>
/// <param name="Changed">What may have changed since; relative to the project, or absolute.</param>
public sealed record KnownInputs(InputReading Reading, ImmutableSortedSet<string> Changed)
{
    /// <summary>More changes than that are not counted up: reading everything costs no more.</summary>
    private const int MostChanges = 10_000;

    public static KnownInputs Of(InputReading reading) => new(reading, ImmutableSortedSet.Create<string>(StringComparer.Ordinal));

    /// <summary>With more that changed; null when it is too much to be told one by one.</summary>
    public KnownInputs? With(IEnumerable<string> changed) =>
        Changed.Union(changed) is { Count: <= MostChanges } all ? this with { Changed = all } : null;
}
