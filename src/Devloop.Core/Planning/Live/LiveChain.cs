using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>
/// What made the final file system of an image, step by step from the bottom: the bases of the project that it stands on, then its own
/// stages up to the target. What stands beside that, and takes part in it all the same, is named too.
/// </summary>
internal sealed class LiveChain
{
    private LiveChain(ChainReading reading)
    {
        Steps = reading.Steps.ToImmutable();
        Readers = reading.Readers.ToImmutable();
        Taps = reading.Taps.ToImmutable();
        Beside = reading.Beside.ToImmutableSortedDictionary();
        Contexts = [.. Steps.OfType<LiveStep.Copy>().Select(c => c.Context).Concat(Readers.Select(r => r.Context)).Concat(Beside.Keys).Concat(Steps.OfType<LiveStep.Opaque>().SelectMany(o => o.Mounts).Select(m => m.Context))];
        Obstacle = reading.Obstacle;
        Command = reading.Command;
    }

    public ImmutableArray<LiveStep> Steps { get; }

    /// <summary>What reads contexts in stages that the image does not stand on.</summary>
    public ImmutableArray<LiveReader> Readers { get; }

    public ImmutableArray<LiveTap> Taps { get; }

    /// <summary>Images of the project that files are taken from: whatever changes in their contexts may change any of these files.</summary>
    public ImmutableSortedDictionary<ImageName, LiveTap> Beside { get; }

    /// <summary>The images whose contexts take part.</summary>
    public ImmutableSortedSet<ImageName> Contexts { get; }

    /// <summary>Why nothing can be given at all; null when something may.</summary>
    public LiveObstacle? Obstacle { get; }

    /// <summary>What a container of the image runs by itself; null when its base decides that and is not known.</summary>
    public ImageCommand? Command { get; }

    public static LiveChain Of(ResolvedProject project, ImageDefinition image)
    {
        var reading = new ChainReading(project);
        reading.Read(image);
        return new LiveChain(reading);
    }
}

/// <summary>What an image runs.</summary>
internal sealed record ImageCommand(ImmutableArray<string> Entrypoint, ImmutableArray<string> Arguments);
