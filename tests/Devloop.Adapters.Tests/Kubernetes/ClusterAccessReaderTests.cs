using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Devloop.Adapters.Kubernetes;
using Devloop.Diagnostics;

namespace Devloop.Adapters.Tests.Kubernetes;

public sealed class ClusterAccessReaderTests : IDisposable
{
    private const string Two = """
        apiVersion: v1
        kind: Config
        current-context: kind-dev
        clusters:
        - {name: dev, cluster: {server: "https://127.0.0.1:6443"}}
        - {name: prod, cluster: {server: "https://prod.example.com/k8s/clusters/c-1"}}
        users:
        - {name: jane, user: {token: sesame}}
        contexts:
        - {name: kind-dev, context: {cluster: dev, user: jane, namespace: shop}}
        - {name: prod, context: {cluster: prod, user: jane}}
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-kubeconfig-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_current_context_is_used_with_its_namespace()
    {
        ClusterAccess access = Read(Write("config", Two));
        (access.Context, access.Namespace, access.Server).ShouldBe(("kind-dev", "shop", new Uri("https://127.0.0.1:6443")));
    }

    [Fact]
    public void A_named_context_and_namespace_win()
    {
        ClusterAccess access = Read(new ClusterOptions { KubeconfigPaths = [Write("config", Two)], Context = "prod", Namespace = "mine" });
        (access.Context, access.Namespace, access.Server).ShouldBe(("prod", "mine", new Uri("https://prod.example.com/k8s/clusters/c-1")));
    }

    [Fact]
    public void Of_several_files_the_first_to_name_a_thing_wins_and_missing_ones_are_passed_over()
    {
        string first = Write("first", """
            contexts: [{name: kind-dev, context: {cluster: dev, user: jane, namespace: first}}]
            clusters: []
            users:
            """);
        Read(Path.Combine(_directory, "missing"), first, Write("second", Two)).Namespace.ShouldBe("first");
    }

    [Fact]
    public void A_kubeconfig_in_json_is_read() =>
        Read(Write("config", """{"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "b"}}], "clusters": [{"name": "b", "cluster": {"server": "http://localhost:8001"}}]}""")).Namespace.ShouldBe("default");

    [Fact]
    public void Certificates_and_keys_are_found_beside_the_kubeconfig()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=devloop", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Write("ca.crt", certificate.ExportCertificatePem());
        Write("client.key", key.ExportPkcs8PrivateKeyPem());
        string data = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()));
        string config = Two.Replace("server: \"https://127.0.0.1:6443\"", "server: \"https://127.0.0.1:6443\", certificate-authority: ca.crt", StringComparison.Ordinal)
            .Replace("token: sesame", $"client-certificate-data: {data}, client-key: client.key", StringComparison.Ordinal);
        Read(Write("config", config)).Context.ShouldBe("kind-dev");
    }

    [Fact]
    public void Inside_a_pod_the_service_account_is_used_when_there_is_no_kubeconfig()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Write("ca.crt", certificate.ExportCertificatePem());
        Write("token", "sesame");
        Write("namespace", "pods\n");
        ClusterAccess access = Read(new ClusterOptions { InCluster = new InClusterAddress("10.96.0.1", "443", _directory) });
        (access.Context, access.Namespace, access.Server).ShouldBe(("in-cluster", "pods", new Uri("https://10.96.0.1")));
    }

    [Theory]
    [InlineData("current-context: kind-dev", "current-context: kind-dve", "unknown context `kind-dve`", "a context with a similar name exists: `kind-dev`")]
    [InlineData("current-context: kind-dev", "current-context: elsewhere", "unknown context `elsewhere`", "the contexts are `kind-dev`, `prod`")]
    [InlineData("current-context: kind-dev", "", "no current context", "kubectl config use-context NAME")]
    [InlineData("cluster: dev, user: jane", "cluster: gone, user: jane", "names the unknown cluster `gone`", "--cluster=NAME")]
    [InlineData("cluster: dev, user: jane", "user: jane", "names no cluster", "--cluster=NAME")]
    [InlineData("cluster: dev, user: jane", "cluster: dev, user: joe", "names the unknown user `joe`", "--user=NAME")]
    [InlineData("server: \"https://127.0.0.1:6443\"", "", "has no `server`", "https://127.0.0.1:6443")]
    [InlineData("server: \"https://127.0.0.1:6443\"", "server: \"ftp://x\"", "`server` of cluster `dev`", "an address starts with `https://` or `http://`")]
    [InlineData("server: \"https://127.0.0.1:6443\"", "server: \"https://x\", certificate-authority: gone.crt", "which does not exist", "correct the path")]
    [InlineData("server: \"https://127.0.0.1:6443\"", "server: \"https://x\", certificate-authority-data: \"!\"", "is not base64", "in base64")]
    [InlineData("server: \"https://127.0.0.1:6443\"", "server: \"https://x\", certificate-authority-data: \"eA==\"", "holds no certificate", "BEGIN CERTIFICATE")]
    [InlineData("token: sesame", "client-key-data: \"eA==\"", "are not a pair", "a certificate in PEM and its own unencrypted private key")]
    [InlineData("token: sesame", "exec: {apiVersion: client.authentication.k8s.io/v1}", "has no command", "set `command`")]
    [InlineData("token: sesame", "exec: {command: login, apiVersion: client.authentication.k8s.io/v1alpha1}", "unknown apiVersion", "the versions are")]
    [InlineData("token: sesame", "exec: {command: login, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}", "wants a terminal of its own", "sign in")]
    [InlineData("token: sesame", "auth-provider: {name: gcp}", "the auth provider `gcp`", "`exec` plugin")]
    [InlineData("{name: jane, user: {token: sesame}}", "{user: {token: sesame}}", "an entry of `users`", "the keys `name` and `user`")]
    [InlineData("users:\n- {name: jane, user: {token: sesame}}", "users: sesame", "`users` in kubeconfig", "is a list")]
    [InlineData("kind: Config", "kind: [sesame", "is not valid YAML", "kubectl config view")]
    [InlineData("kind: Config", "kind: \"sesame", "is not valid YAML at line", "kubectl config view")]
    public void A_problem_of_a_kubeconfig_is_told_with_its_file_and_what_to_do(string before, string after, string message, string help)
    {
        string lines = Two.ReplaceLineEndings("\n");
        lines.ShouldContain(before);
        string path = Write("config", lines.Replace(before, after, StringComparison.Ordinal));
        Diagnostic problem = ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [path] }).Diagnostics[0];
        problem.Code.ShouldBe(DiagnosticCode.KubeconfigInvalid);
        problem.Message.ShouldContain(message);
        problem.Message.ShouldContain(path);
        problem.Help.ShouldNotBeNull().ShouldContain(help);
        (problem.Message + problem.Help).ShouldNotContain("sesame");
    }

    [Fact]
    public void No_kubeconfig_at_all_is_told_with_where_it_was_looked_for()
    {
        string missing = Path.Combine(_directory, "missing");
        Diagnostic problem = ClusterAccessReader.Read(new ClusterOptions { KubeconfigPaths = [missing] }).Diagnostics.ShouldHaveSingleItem();
        problem.Message.ShouldBe($"no kubeconfig at `{missing}`");
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static ClusterAccess Read(params string[] paths) => Read(new ClusterOptions { KubeconfigPaths = [.. paths] });

    private static ClusterAccess Read(ClusterOptions options)
    {
        Parsed<ClusterAccess> read = ClusterAccessReader.Read(options);
        read.Diagnostics.ShouldBeEmpty();
        return read.Value.ShouldNotBeNull();
    }
}
