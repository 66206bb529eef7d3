using System.Globalization;

namespace Devloop.Model;

/// <summary>Where a BuildKit listens, as <c>BUILDKIT_HOST</c> writes it.</summary>
public abstract record BuilderAddress
{
    /// <summary>The forms, for messages.</summary>
    public const string Forms = "addresses are `tcp://HOST:PORT`, `unix:///PATH` and `kube-pod://POD?namespace=NAMESPACE`";

    private BuilderAddress() { }

    /// <summary><c>tcp://10.0.0.5:1234</c></summary>
    public sealed record Tcp(string Host, int Port) : BuilderAddress
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"tcp://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");
    }

    /// <summary><c>unix:///run/buildkit/buildkitd.sock</c></summary>
    public sealed record Unix(string Path) : BuilderAddress
    {
        public override string ToString() => "unix://" + Path;
    }

    /// <summary>A pod that runs buildkitd: <c>kube-pod://buildkitd-0?namespace=build&amp;context=dev&amp;container=buildkitd</c>.</summary>
    /// <param name="Namespace">Null is that of the context.</param>
    /// <param name="Context">Null is that of the run.</param>
    /// <param name="Container">Null is the pod's first, or the one that it declares as its default.</param>
    public sealed record KubePod(string Pod, string? Namespace, string? Context, string? Container) : BuilderAddress
    {
        public override string ToString()
        {
            string query = string.Join('&', new[] { ("namespace", Namespace), ("context", Context), ("container", Container) }.Where(p => p.Item2 is not null).Select(p => $"{p.Item1}={Uri.EscapeDataString(p.Item2!)}"));
            return "kube-pod://" + Pod + (query.Length == 0 ? "" : "?" + query);
        }
    }

    /// <summary>Null when it is none of these.</summary>
    public static BuilderAddress? TryParse(string text)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? "" : text[(scheme + 3)..];
        return (scheme < 0 ? "" : text[..scheme]) switch
        {
            "tcp" => ParseTcp(rest.TrimEnd('/')),
            "unix" when rest.StartsWith('/') => new Unix(rest),
            "kube-pod" => ParsePod(rest),
            _ => null,
        };
    }

    private static Tcp? ParseTcp(string rest)
    {
        int colon = rest.LastIndexOf(':');
        string host = colon <= 0 ? "" : rest[..colon];
        return host.Length > 0 && host.IndexOfAny(['/', '?', '#', '@']) < 0 && (!host.Contains(':') || (host[0] == '[' && host[^1] == ']'))
            && int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535
            ? new Tcp(host.Trim('[', ']'), port) : null;
    }

    private static KubePod? ParsePod(string rest)
    {
        int question = rest.IndexOf('?');
        string pod = question < 0 ? rest : rest[..question];
        // Names of pods are those of DNS, RFC 1123.
        if (pod.Length == 0 || !pod.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            return null;
        var address = new KubePod(pod, null, null, null);
        foreach (string pair in question < 0 ? [] : rest[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=');
            string value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..]);
            if (value.Length == 0)
                return null;
            switch (pair[..equals])
            {
                case "namespace": address = address with { Namespace = value }; break;
                case "context": address = address with { Context = value }; break;
                case "container": address = address with { Container = value }; break;
                default: return null;
            }
        }
        return address;
    }
}
