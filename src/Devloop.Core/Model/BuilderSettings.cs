using Devloop.Text;

namespace Devloop.Model;

/// <summary>What builds images.</summary>
public abstract record BuilderSettings
{
    private BuilderSettings() { }

    public static BuilderSettings Default { get; } = new Docker();

    /// <summary>The BuildKit inside the Docker Engine that the docker client would use; the engine keeps the images.</summary>
    public sealed record Docker : BuilderSettings;

    /// <summary>A BuildKit of its own, which keeps no images: they are pushed to the registry.</summary>
    /// <param name="Address">Null is the one that <c>BUILDKIT_HOST</c> names.</param>
    /// <param name="Tls">Null is in the clear.</param>
    public sealed record BuildKit(BuilderAddress? Address, BuilderTls? Tls, SourceSpan? At) : BuilderSettings;
}

/// <summary>The files of a TLS connection to a builder, relative to the project; PEM.</summary>
/// <param name="Authorities">The authorities to trust; null trusts what the machine trusts.</param>
/// <param name="Certificate">The client's own; null shows none.</param>
/// <param name="Key">Of the certificate; there when that is.</param>
/// <param name="ServerName">The name to expect in the server's certificate; null is the host of the address.</param>
public sealed record BuilderTls(NamedFile? Authorities, NamedFile? Certificate, NamedFile? Key, string? ServerName)
{
    /// <summary>The files that are named.</summary>
    public IEnumerable<NamedFile> Files => new[] { Authorities, Certificate, Key }.OfType<NamedFile>();
}

/// <summary>A file that the config names.</summary>
public sealed record NamedFile(string Path, SourceSpan? At);
