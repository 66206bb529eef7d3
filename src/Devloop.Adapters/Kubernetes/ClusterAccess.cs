using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Devloop.Adapters.Kubernetes;

/// <summary>
/// All that is needed to connect to a cluster, read and checked without connecting: so that the context's name can be judged
/// before the first byte goes out.
/// </summary>
public sealed record ClusterAccess
{
    internal ClusterAccess() { }

    /// <summary>The context's name; <see cref="InClusterContext"/> inside a pod.</summary>
    public required string Context { get; init; }

    /// <summary>The namespace of objects that name none.</summary>
    public required string Namespace { get; init; }

    public required Uri Server { get; init; }

    /// <summary>What stands for a context's name when the service account of a pod is used.</summary>
    public const string InClusterContext = "in-cluster";

    /// <summary>Null trusts what the machine trusts.</summary>
    internal X509Certificate2Collection? Authorities { get; init; }

    internal bool SkipTlsVerify { get; init; }

    /// <summary>The name to expect in the server's certificate instead of the host of its address.</summary>
    internal string? TlsServerName { get; init; }

    internal Uri? Proxy { get; init; }

    internal X509Certificate2? ClientCertificate { get; init; }

    internal Credential Credential { get; init; } = new Credential.None();

    internal Impersonation? Impersonation { get; init; }
}

/// <summary>Acts as somebody else, as <c>kubectl --as</c> does.</summary>
internal sealed record Impersonation(string User, ImmutableArray<string> Groups);

/// <summary>How a request says who it comes from, beside a client certificate.</summary>
internal abstract record Credential
{
    private Credential() { }

    public sealed record None : Credential;

    public sealed record Token(string Value) : Credential;

    /// <summary>Read again from time to time, since service account tokens rotate.</summary>
    public sealed record TokenFile(string Path) : Credential;

    public sealed record Basic(string User, string Password) : Credential;

    public sealed record Exec(ExecPlugin Plugin) : Credential;
}
