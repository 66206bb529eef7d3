using System.Text.RegularExpressions;

namespace Devloop.Model;

/// <summary>
/// A reference to an image as the distribution specification writes it: <c>[domain/]path[:tag][@digest]</c>.
/// <see cref="Name"/> is normalised as Docker does it: <c>alpine</c> is <c>docker.io/library/alpine</c>.
/// </summary>
public sealed partial record ImageReference
{
    private ImageReference(string domain, string path, string? tag, string? digest) =>
        (Domain, Path, Tag, Digest) = (domain, path, tag, digest);

    /// <summary>The registry, such as <c>docker.io</c> or <c>127.0.0.1:5005</c>.</summary>
    public string Domain { get; }

    /// <summary>The repository inside the registry, such as <c>library/alpine</c>.</summary>
    public string Path { get; }

    public string? Tag { get; init; }

    /// <summary>Such as <c>sha256:...</c>.</summary>
    public string? Digest { get; init; }

    /// <summary>Domain and path: what two references share when they name the same repository.</summary>
    public string Name => Domain + "/" + Path;

    /// <summary>The name as people write it: without <c>docker.io/</c> and <c>library/</c>.</summary>
    public string FamiliarName =>
        Domain != "docker.io" ? Name : Path.StartsWith("library/", StringComparison.Ordinal) ? Path["library/".Length..] : Path;

    /// <summary>The whole reference as people write it.</summary>
    public string Familiar => FamiliarName + Suffix;

    private string Suffix => (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    public override string ToString() => Name + Suffix;

    /// <summary>The same name with another tag and no digest.</summary>
    public ImageReference WithTag(string tag) => this with { Tag = tag, Digest = null };

    /// <summary>The same path in another registry.</summary>
    public ImageReference In(string domain) => new(domain, Path, Tag, Digest);

    /// <summary>Reads a reference; false when the specification does not allow it.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        if (string.IsNullOrEmpty(text) || text.Length > 512 || Whole().Match(text) is not { Success: true } match)
            return false;
        string name = match.Groups["name"].Value;
        string? tag = match.Groups["tag"] is { Success: true } t ? t.Value : null;
        string? digest = match.Groups["digest"] is { Success: true } d ? d.Value : null;

        // The first part is a registry when it has a dot or a port or is localhost; Docker's rule.
        int slash = name.IndexOf('/');
        string first = slash < 0 ? "" : name[..slash];
        bool hasDomain = first == "localhost" || first.AsSpan().IndexOfAny('.', ':') >= 0 || first.Any(char.IsAsciiLetterUpper);
        string domain = hasDomain ? first : "docker.io";
        string path = hasDomain ? name[(slash + 1)..] : name;
        if (domain is "index.docker.io")
            domain = "docker.io";
        if (domain == "docker.io" && !path.Contains('/'))
            path = "library/" + path;
        if (!Repository().IsMatch(path))
            return false;
        reference = new ImageReference(domain, path, tag, digest);
        return true;
    }

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9][A-Za-z0-9._\-]*(?::[0-9]+(?=/))?(?:/[A-Za-z0-9._\-]+)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[+._\-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Repository();
}
