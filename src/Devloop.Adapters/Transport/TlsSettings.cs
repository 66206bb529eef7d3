namespace Devloop.Adapters.Transport;

/// <summary>How a TLS connection is made: whom to trust, and who one is. Files are PEM and are read at each connection, for certificates are renewed.</summary>
public sealed record TlsSettings
{
    /// <summary>The file of the authorities to trust, and no others; null trusts what the machine trusts.</summary>
    public string? Authorities { get; init; }

    /// <summary>The file of the client's certificate; null shows none.</summary>
    public string? Certificate { get; init; }

    /// <summary>The file of the key of <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>Takes any server certificate.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>The name to expect in the server's certificate; null is the host of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>Offers HTTP/2 and nothing else (ALPN <c>h2</c>), which gRPC servers insist on. An engine's upgrade needs HTTP/1.1.</summary>
    public bool Http2 { get; init; }
}
