using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A certificate authority of a test's own, known to nobody.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly RSA _key = RSA.Create(2048);

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=devloop test authority", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    /// <summary>A certificate for a server at an address, and its key.</summary>
    public (string Certificate, string Key) Issue(IPAddress address) => Issue(names => names.AddIpAddress(address), ServerAuthentication, DateTimeOffset.UtcNow.AddDays(1));

    /// <summary>One that was good until a minute ago.</summary>
    public (string Certificate, string Key) IssueExpired(IPAddress address) => Issue(names => names.AddIpAddress(address), ServerAuthentication, DateTimeOffset.UtcNow.AddMinutes(-1));

    /// <summary>A certificate for a server of a name, and its key.</summary>
    public (string Certificate, string Key) Issue(string name) => Issue(names => names.AddDnsName(name), ServerAuthentication, DateTimeOffset.UtcNow.AddDays(1));

    /// <summary>A certificate for a client, and its key.</summary>
    public (string Certificate, string Key) IssueForClient() => Issue(names => names.AddDnsName("client"), ClientAuthentication, DateTimeOffset.UtcNow.AddDays(1));

    private (string Certificate, string Key) Issue(Action<SubjectAlternativeNameBuilder> name, string usage, DateTimeOffset notAfter)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=devloop test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        name(names);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        using X509Certificate2 issued = request.Create(Certificate, DateTimeOffset.UtcNow.AddHours(-1), notAfter, RandomNumberGenerator.GetBytes(8));
        return (issued.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A token as the registry's token authentication takes it: signed by this authority's own key.</summary>
    public string SignToken(string payload)
    {
        string header = $$"""{"typ":"JWT","alg":"RS256","x5c":["{{Convert.ToBase64String(Certificate.RawData)}}"]}""";
        string content = $"{Encode(System.Text.Encoding.UTF8.GetBytes(header))}.{Encode(System.Text.Encoding.UTF8.GetBytes(payload))}";
        byte[] signature = _key.SignData(System.Text.Encoding.UTF8.GetBytes(content), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{content}.{Encode(signature)}";
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
