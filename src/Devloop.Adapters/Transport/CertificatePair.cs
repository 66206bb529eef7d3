using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Transport;

/// <summary>A certificate with its private key.</summary>
internal static class CertificatePair
{
    /// <summary>Null when they do not fit or are not PEM.</summary>
    public static X509Certificate2? Of(string certificatePem, string keyPem)
    {
        try
        {
            using X509Certificate2 ephemeral = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            // SChannel cannot use a key that lives in memory only; a round trip through PKCS#12 gives one it can.
            return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
