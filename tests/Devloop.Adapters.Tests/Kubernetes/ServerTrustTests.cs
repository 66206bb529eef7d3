using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Devloop.Adapters.Kubernetes;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Kubernetes;

/// <summary>A server on loopback whose certificate is signed by an authority of the test's own.</summary>
public sealed class ServerTrustTests : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddHours(-1);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public void Dispose()
    {
        _listener.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task A_server_of_the_kubeconfigs_authority_is_trusted() =>
        (await ProbeAsync("127.0.0.1", trustOther: false, "")).ShouldBeOfType<ClusterProbe.Reached>().Version.ShouldBe("v1.30.0");

    [Fact]
    public async Task A_server_of_another_authority_is_not_trusted() =>
        (await ProbeAsync("127.0.0.1", trustOther: true, "")).ShouldBeOfType<ClusterProbe.Unreachable>().Why.Message
            .ShouldEndWith("the server's certificate is not signed by an authority that the kubeconfig trusts");

    [Fact]
    public async Task A_server_of_another_name_is_not_trusted() =>
        (await ProbeAsync("kubernetes.test", trustOther: false, "")).ShouldBeOfType<ClusterProbe.Unreachable>().Why.Message
            .ShouldEndWith("the server's certificate is for another name");

    [Fact]
    public async Task The_name_that_the_kubeconfig_expects_is_asked_for_and_trusted() =>
        (await ProbeAsync("kubernetes.test", trustOther: false, ", \"tls-server-name\": \"kubernetes.test\"")).ShouldBeOfType<ClusterProbe.Reached>();

    [Fact]
    public async Task Whoever_skips_the_check_trusts_any_server() =>
        (await ProbeAsync("kubernetes.test", trustOther: true, ", \"insecure-skip-tls-verify\": true")).ShouldBeOfType<ClusterProbe.Reached>();

    private async Task<ClusterProbe> ProbeAsync(string serverName, bool trustOther, string more)
    {
        using X509Certificate2 authority = Authority(_key);
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 other = Authority(otherKey);
        using X509Certificate2 certificate = Serving(authority, serverName);
        _listener.Start();
        Task serving = ServeAsync(certificate);
        string pem = Convert.ToBase64String(Encoding.UTF8.GetBytes((trustOther ? other : authority).ExportCertificatePem()));
        string path = Path.GetTempFileName();
        int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        await File.WriteAllTextAsync(path, string.Create(CultureInfo.InvariantCulture,
            $$$"""{"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c"}}], "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:{{{port}}}", "certificate-authority-data": "{{{pem}}}"{{{more}}} }}]}"""));
        ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [path] }).TryGet(out ClusterAccess? access).ShouldBeTrue();
        File.Delete(path);
        ClusterProbe probe;
        using (var cluster = new KubernetesCluster(access!, TimeProvider.System))
            probe = await cluster.ProbeAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        _listener.Stop();
        await serving;
        return probe;
    }

    /// <summary>Answers every request of every connection with a version.</summary>
    private async Task ServeAsync(X509Certificate2 certificate)
    {
        const string Body = "{\"gitVersion\":\"v1.30.0\"}";
        byte[] answer = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
        while (true)
        {
            try
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(certificate);
                using var reader = new StreamReader(tls, leaveOpen: true);
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (line.Length == 0)
                        await tls.WriteAsync(answer);
                }
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // A client that does not trust hangs up.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private static X509Certificate2 Authority(ECDsa key)
    {
        var request = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(From, From.AddDays(2));
    }

    private static X509Certificate2 Serving(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(authority, From, From.AddDays(1), [1, 2, 3]);
        using X509Certificate2 withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
