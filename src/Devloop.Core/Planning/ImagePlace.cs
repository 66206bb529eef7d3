using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// Where what was built is, and so what a build calls a base of the project: an engine has it under its own name, a BuildKit that keeps no
/// images under its name in the registry. The image store of a run answers for images by these names.
/// </summary>
public abstract record ImagePlace
{
    private ImagePlace() { }

    public static ImagePlace OfEngine { get; } = new InEngine();

    public static ImagePlace Of(Project project) => project is { Builder: BuilderSettings.BuildKit, Registry: { } registry } ? new InRegistry(registry.Host.TrimEnd('/')) : OfEngine;

    /// <summary>An image of the project by its content tag.</summary>
    public abstract ImageReference ReferenceTo(ImageReference image, ContentTag tag);

    /// <summary>Where a build pushes to; null when the builder keeps what it built.</summary>
    public abstract ImageReference? RepositoryOf(ImageReference image);

    /// <summary>A further name that the config gives an image.</summary>
    public abstract ImageReference NameOf(ImageReference further);

    private sealed record InEngine : ImagePlace
    {
        public override ImageReference NameOf(ImageReference further) => further;

        public override ImageReference ReferenceTo(ImageReference image, ContentTag tag) => image.WithTag(tag.Value);

        public override ImageReference? RepositoryOf(ImageReference image) => null;
    }

    private sealed record InRegistry(string Host) : ImagePlace
    {
        public override ImageReference NameOf(ImageReference further) => Delivery.In(Host, further, further.Tag ?? "latest");

        public override ImageReference ReferenceTo(ImageReference image, ContentTag tag) => Delivery.In(Host, image, tag.Value);

        public override ImageReference? RepositoryOf(ImageReference image) => Delivery.In(Host, image, "latest") with { Tag = null };
    }
}
