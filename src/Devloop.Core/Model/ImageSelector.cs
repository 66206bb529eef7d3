namespace Devloop.Model;

/// <summary>
/// Which references mean an image of the project: a selector without a tag matches its name with any tag or digest,
/// one with a tag matches exactly that tag.
/// </summary>
public sealed record ImageSelector(ImageReference Reference)
{
    public bool Matches(ImageReference other) =>
        Reference.Name == other.Name
        && (Reference.Tag is null || (Reference.Tag == (other.Tag ?? "latest") && other.Digest is null));

    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ImageSelector? selector)
    {
        selector = ImageReference.TryParse(text, out ImageReference? reference) && reference.Digest is null ? new ImageSelector(reference) : null;
        return selector is not null;
    }
}
