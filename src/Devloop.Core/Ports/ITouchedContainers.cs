using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>
/// Which files of containers were changed since these started, so that a later run knows what may not be as their images have it. Survives
/// restarts and crashes. What cannot be written is forgotten.
/// </summary>
public interface ITouchedContainers
{
    /// <summary>All that was ever changed in a container; empty when nothing is known.</summary>
    /// <param name="id">As the pod's status has it.</param>
    ImmutableArray<TouchedFile> In(string id);

    /// <summary>Remembers files before they are changed; on disk when it returns.</summary>
    void Touch(string id, IEnumerable<TouchedFile> files);

    /// <summary>The container is no more.</summary>
    void Forget(string id);
}

/// <param name="Image">Whose context the file is in.</param>
/// <param name="Path">Relative to that context, with <c>/</c>.</param>
public readonly record struct TouchedFile(ImageName Image, string Path);
