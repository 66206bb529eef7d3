using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Devloop.Diagnostics;
using Devloop.Text;
using YamlDotNet.RepresentationModel;

namespace Devloop.Adapters.Kubernetes;

/// <summary>Finds the access that options name. Reads files, never connects and runs no plugin.</summary>
public static class ClusterAccessReader
{
    public static Parsed<ClusterAccess> Read(ClusterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ImmutableArray<Diagnostic>.Builder diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
        Kubeconfig kubeconfig = Kubeconfig.Read(options.KubeconfigPaths, diagnostics);
        ClusterAccess? access = null;
        if (diagnostics.Count > 0)
            access = null;
        else if (kubeconfig.Files.IsEmpty && options is { InCluster: { } address, Context: null })
            access = InClusterAccess.Read(address, options.Namespace, diagnostics);
        else if (kubeconfig.Files.IsEmpty)
            diagnostics.Add(NoKubeconfig(options));
        else
            access = FromContext(kubeconfig, options, diagnostics);
        return new Parsed<ClusterAccess>(access, diagnostics.ToImmutable());
    }

    private static Diagnostic NoKubeconfig(ClusterOptions options)
    {
        string places = string.Join(", ", options.KubeconfigPaths.Select(p => $"`{p}`"));
        return KubeconfigProblem.Of(
            places.Length == 0 ? "no kubeconfig is named" : $"no kubeconfig at {places}",
            "set `KUBECONFIG` to a kubeconfig file, or create a local cluster, such as with `kind create cluster`");
    }

    private static ClusterAccess? FromContext(Kubeconfig kubeconfig, ClusterOptions options, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        string files = string.Join(", ", kubeconfig.Files.Select(f => $"`{f}`"));
        if ((options.Context ?? kubeconfig.CurrentContext) is not { } name)
        {
            diagnostics.Add(KubeconfigProblem.Of($"no current context in kubeconfig {files}", "choose one with `kubectl config use-context NAME` or `--kube-context NAME`"));
            return null;
        }
        if (kubeconfig.Context(name) is not { } context)
        {
            diagnostics.Add(KubeconfigProblem.Of($"unknown context `{name}` in kubeconfig {files}", KnownContexts(name, [.. kubeconfig.ContextNames])));
            return null;
        }
        if (context.Text("cluster") is not { } clusterName || kubeconfig.Cluster(clusterName) is not { } cluster)
        {
            diagnostics.Add(KubeconfigProblem.Of(
                context.Text("cluster") is { } missing ? $"context `{name}` in kubeconfig `{context.File}` names the unknown cluster `{missing}`" : $"context `{name}` in kubeconfig `{context.File}` names no cluster",
                $"name one of `clusters` as `cluster` of the context, such as with `kubectl config set-context {name} --cluster=NAME`"));
            return null;
        }
        KubeconfigEntry? user = null;
        if (context.Text("user") is { } userName && (user = kubeconfig.User(userName)) is null)
        {
            diagnostics.Add(KubeconfigProblem.Of(
                $"context `{name}` in kubeconfig `{context.File}` names the unknown user `{userName}`",
                $"name one of `users` as `user` of the context, such as with `kubectl config set-context {name} --user=NAME`"));
            return null;
        }
        string @namespace = options.Namespace ?? context.Text("namespace") ?? "default";
        return Build(name, @namespace, cluster, user, diagnostics);
    }

    private static string KnownContexts(string name, ImmutableArray<string> known)
    {
        if (known.IsEmpty)
            return "the kubeconfig holds no context; create a local cluster, such as with `kind create cluster`";
        if (NearestName.Of(name, known) is { } nearest)
            return $"a context with a similar name exists: `{nearest}`";
        string more = known.Length > 8 ? $" and {known.Length - 8} more" : "";
        return $"the contexts are {string.Join(", ", known.Take(8).Select(n => $"`{n}`"))}{more}";
    }

    private static ClusterAccess? Build(string context, string @namespace, KubeconfigEntry cluster, KubeconfigEntry? user, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        Uri? server = Address(cluster, "server", ["https", "http"], diagnostics);
        if (cluster.Text("server") is null)
            diagnostics.Add(KubeconfigProblem.Of($"cluster `{cluster.Name}` in kubeconfig `{cluster.File}` has no `server`", "set `server` to the address of the API server, such as `https://127.0.0.1:6443`"));
        Uri? proxy = Address(cluster, "proxy-url", ["http", "https", "socks5"], diagnostics);
        X509Certificate2Collection? authorities = PemFiles.Authorities(cluster, diagnostics);
        X509Certificate2? certificate = user is null ? null : PemFiles.ClientCertificate(user, diagnostics);
        Credential credential = user is null ? new Credential.None() : CredentialOf(user, cluster, diagnostics);
        if (server is null || diagnostics.Count > 0)
            return null;
        return new ClusterAccess
        {
            Context = context,
            Namespace = @namespace,
            Server = server,
            Authorities = authorities,
            SkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = proxy,
            ClientCertificate = certificate,
            Credential = credential,
            Impersonation = user?.Text("as") is { } actAs
                ? new Impersonation(actAs, [.. user.Body.Items("as-groups").OfType<YamlScalarNode>().Select(g => g.Value ?? "")])
                : null,
        };
    }

    private static Uri? Address(KubeconfigEntry cluster, string key, ImmutableArray<string> schemes, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        if (cluster.Text(key) is not { } text)
            return null;
        // kubectl reads `host:port` without a scheme as http.
        string absolute = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(absolute, UriKind.Absolute, out Uri? address) && schemes.Contains(address.Scheme) && address.Host.Length > 0)
            return address;
        // The text is not shown: a proxy's address may hold a password.
        diagnostics.Add(KubeconfigProblem.Of(
            $"`{key}` of cluster `{cluster.Name}` in kubeconfig `{cluster.File}` is not an address",
            $"an address starts with {string.Join(" or ", schemes.Select(s => $"`{s}://`"))}"));
        return null;
    }

    private static Credential CredentialOf(KubeconfigEntry user, KubeconfigEntry cluster, ImmutableArray<Diagnostic>.Builder diagnostics)
    {
        if (user.FilePath("tokenFile") is { } tokenFile)
            return new Credential.TokenFile(tokenFile);
        if (user.Text("token") is { } token)
            return new Credential.Token(token.Trim());
        if (user.Text("username") is { } name)
            return new Credential.Basic(name, user.Text("password") ?? "");
        if (user.Body.Child("exec") is YamlMappingNode exec)
            return ExecPluginReader.Read(user, exec, cluster, diagnostics) is { } plugin ? new Credential.Exec(plugin) : new Credential.None();
        if (user.Body.Child("auth-provider") is YamlMappingNode provider)
        {
            diagnostics.Add(KubeconfigProblem.Of(
                $"user `{user.Name}` in kubeconfig `{user.File}` signs in through the auth provider `{provider.Scalar("name")}`, which Kubernetes has removed",
                "replace `auth-provider` by an `exec` plugin of your cloud"));
        }
        return new Credential.None();
    }
}
