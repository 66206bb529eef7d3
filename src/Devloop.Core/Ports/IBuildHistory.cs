using Devloop.Model;

namespace Devloop.Ports;

/// <summary>
/// What each image of a project was last built from; only to explain, never to decide. Survives restarts. What cannot be read was never
/// there, and what cannot be written is forgotten.
/// </summary>
public interface IBuildHistory
{
    /// <param name="project">The project's absolute directory: two checkouts have two histories.</param>
    BuildRecord? Last(string project, ImageName image);

    void Record(string project, ImageName image, BuildRecord record);
}
