using Devloop.Adapters.Kubernetes;
using Devloop.Adapters.Kubernetes.PodExec;
using Devloop.Adapters.Transport;
using Devloop.Cli.Commands;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Cli.Setup;

/// <summary>Finds the BuildKit that the config, or <c>BUILDKIT_HOST</c>, names.</summary>
internal static class BuildKitDialer
{
    private const string Variable = "BUILDKIT_HOST";

    /// <param name="environment">Looks a variable up; null or empty when it is not set.</param>
    public static IDialer Of(BuilderSettings.BuildKit builder, Settings settings, Project project, Func<string, string?> environment)
    {
        string? text = environment(Variable);
        return (builder.Address ?? (text is null ? null : BuilderAddress.TryParse(text))) switch
        {
            BuilderAddress.Tcp tcp => Engine(new EngineAddress.Tcp(tcp.Host, tcp.Port, TlsOf(builder.Tls, project.Root))),
            BuilderAddress.Unix unix => Engine(new EngineAddress.Unix(unix.Path)),
            BuilderAddress.KubePod pod => Pod(pod, settings, project),
            _ when string.IsNullOrEmpty(text) => Engine(new EngineAddress.Unsupported(Variable, "the variable is not set, and the config names no address", "`builder: {kind: buildkit, address: ADDRESS}` names one; " + BuilderAddress.Forms)),
            _ => Engine(new EngineAddress.Unsupported(text, "the address is not one that devloop knows", BuilderAddress.Forms)),
        };
    }

    private static EngineDialer Engine(EngineAddress address) => new(address, ServerKind.BuildKit);

    private static TlsSettings? TlsOf(BuilderTls? tls, string root) => tls is null ? null : new TlsSettings
    {
        Authorities = Absolute(root, tls.Authorities),
        Certificate = Absolute(root, tls.Certificate),
        Key = Absolute(root, tls.Key),
        ServerName = tls.ServerName,
        Http2 = true,
    };

    private static string? Absolute(string root, NamedFile? file) => file is null ? null : ProjectPath.Absolute(root, file.Path);

    /// <summary>To exec into a pod is to write to its cluster: its context must be allowed like any other.</summary>
    private static IDialer Pod(BuilderAddress.KubePod pod, Settings settings, Project project)
    {
        Parsed<ClusterAccess> access = ClusterAccessReader.Read(ClusterOptions.FromEnvironment(pod.Context ?? settings.Context ?? project.Cluster.Context, pod.Namespace));
        if (!access.TryGet(out ClusterAccess? found))
            return new RefusedDialer(ServerKind.BuildKit, pod.ToString(), access.Diagnostics.First(d => d.Severity == Severity.Error));
        return ContextPermission.IsAllowed(found.Context, project.Cluster)
            ? new PodExecDialer(found, pod, TimeProvider.System)
            : new RefusedDialer(ServerKind.BuildKit, pod.ToString(), ContextPermission.Refusal(found.Context));
    }
}
