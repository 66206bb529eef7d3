using Devloop.Model;

namespace Devloop.Planning;

/// <summary>
/// The registry as the memory of builds: what one machine built and published under its key, another one does not build. How nodes get
/// images is another matter: <see cref="Delivery"/>.
/// </summary>
/// <param name="Host">Such as <c>127.0.0.1:5005</c>, perhaps with a path.</param>
/// <param name="Whole">Every image is published, bases too; otherwise only what is pushed for the nodes anyway.</param>
public sealed record BuildMemory(string Host, bool Whole)
{
    private const string AliasPrefix = "devloop-key-";
    private const string ClaimPrefix = "devloop-claim-";

    /// <summary>Hex digits of a key in a tag.</summary>
    private const int KeyDigits = 32;

    public static BuildMemory? Of(RegistrySettings? registry, bool whole) =>
        registry is null ? null : new BuildMemory(registry.Host.TrimEnd('/'), whole);

    /// <summary>The image by its content tag, as <see cref="Delivery.Registry.PushReference"/> has it.</summary>
    public ImageReference ImageAt(ImageReference image, ContentTag tag) => Delivery.In(Host, image, tag.Value);

    /// <summary>Where the image of a key is found; once there it never changes.</summary>
    public ImageReference AliasOf(ImageReference image, ContentKey key) => Delivery.In(Host, image, AliasPrefix + key.Value[..KeyDigits]);

    /// <summary>Where those who publish at the same time agree on one image.</summary>
    public ImageReference ClaimOf(ImageReference image, ContentKey key) => Delivery.In(Host, image, ClaimPrefix + key.Value[..KeyDigits]);
}
