using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Devloop.Adapters.Transport;

/// <summary>Where a Docker Engine listens, as <c>DOCKER_HOST</c> writes it.</summary>
public abstract partial record EngineAddress
{
    /// <summary>What the docker client takes when an address names no port.</summary>
    private const int ClearPort = 2375, TlsPort = 2376;

    private EngineAddress() { }

    /// <summary>The address when nothing names one.</summary>
    public static EngineAddress Default { get; } =
        OperatingSystem.IsWindows() ? new Pipe("docker_engine") : new Unix("/var/run/docker.sock");

    /// <summary>A unix socket: <c>unix:///var/run/docker.sock</c>.</summary>
    public sealed record Unix(string Path) : EngineAddress
    {
        public override string ToString() => "unix://" + Path;
    }

    /// <summary>TCP: <c>tcp://127.0.0.1:2375</c>.</summary>
    /// <param name="Tls">Null is in the clear.</param>
    public sealed record Tcp(string Host, int Port, TlsSettings? Tls = null) : EngineAddress
    {
        public override string ToString() => $"tcp://{Host}:{Port}";
    }

    /// <summary>The engine of a host that is reached with ssh: <c>ssh://me@host:22</c>.</summary>
    /// <param name="Host">A name, or an alias of ssh's own config; never an option.</param>
    /// <param name="Socket">The engine's socket on the host; null is the one that its docker client takes.</param>
    public sealed record Ssh(string? User, string Host, int? Port, string? Socket) : EngineAddress
    {
        public override string ToString() =>
            "ssh://" + (User is null ? "" : User + "@") + Host + (Port is { } port ? string.Create(CultureInfo.InvariantCulture, $":{port}") : "") + Socket;
    }

    /// <summary>A named pipe of Windows: <c>npipe:////./pipe/docker_engine</c>.</summary>
    public sealed record Pipe(string Name) : EngineAddress
    {
        public override string ToString() => "npipe:////./pipe/" + Name;
    }

    /// <summary>An address that devloop cannot dial; every dial says why.</summary>
    /// <param name="Why">A few words that end the sentence that it cannot be reached.</param>
    public sealed record Unsupported(string Text, string Why, string Help) : EngineAddress
    {
        public override string ToString() => Text;
    }

    /// <summary>Reads an address; never fails, for what cannot be dialled is an address too.</summary>
    /// <param name="tls">For TCP, when the user asks for TLS; <c>https://</c> asks for it by itself.</param>
    public static EngineAddress Parse(string text, TlsSettings? tls = null)
    {
        if (TryCut(text, "unix://", out string? path) && path.Length > 0)
            return new Unix(path);
        if (TryCut(text, "npipe:////./pipe/", out string? pipe) && pipe.Length > 0)
            return new Pipe(pipe);
        if (TryCut(text, "tcp://", out string? authority))
            return ParseTcp(text, authority, tls);
        if (TryCut(text, "https://", out authority))
            return ParseTcp(text, authority, tls ?? new TlsSettings());
        if (TryCut(text, "http://", out authority))
            return ParseTcp(text, authority, null);
        if (TryCut(text, "ssh://", out authority))
            return ParseSsh(text, authority);
        return new Unsupported(text, "the address is not one that devloop knows", "addresses are `unix:///PATH`, `tcp://HOST:PORT`, `ssh://USER@HOST` and, on Windows, `npipe:////./pipe/NAME`");
    }

    private static EngineAddress ParseTcp(string text, string authority, TlsSettings? tls) =>
        TrySplit(authority.TrimEnd('/'), out string? host, out int? port)
            ? new Tcp(host.Trim('[', ']'), port ?? (tls is null ? ClearPort : TlsPort), tls)
            : new Unsupported(text, "the address has no valid host and port", "a TCP address is written `tcp://HOST:PORT`");

    private static EngineAddress ParseSsh(string text, string rest)
    {
        const string Help = "an address over ssh is written `ssh://USER@HOST:PORT`, where user and port may be left out, and a socket such as `/run/docker.sock` may follow";
        int slash = rest.IndexOf('/');
        string authority = slash < 0 ? rest : rest[..slash], socket = slash < 0 ? "" : rest[slash..].TrimEnd('/');
        int at = authority.LastIndexOf('@');
        string? user = at < 0 ? null : authority[..at];
        if (user?.Contains(':') == true)
            return new Unsupported($"ssh://{authority[(at + 1)..]}", "an address over ssh has no password", Help);
        // Neither may be an option of ssh's, whatever stands before it.
        return TrySplit(authority[(at + 1)..], out string? host, out int? port) && SshName().IsMatch(host.Trim('[', ']')) && (user is null || SshName().IsMatch(user))
            ? new Ssh(user, host.Trim('[', ']'), port, socket.Length == 0 ? null : socket)
            : new Unsupported(text, "the address has no valid user and host", Help);
    }

    /// <summary><c>host</c>, <c>host:port</c>, <c>[::1]</c> or <c>[::1]:port</c>.</summary>
    private static bool TrySplit(string authority, [NotNullWhen(true)] out string? host, out int? port)
    {
        int colon = authority.LastIndexOf(':');
        bool hasPort = colon > 0 && !authority.EndsWith(']');
        host = hasPort ? authority[..colon] : authority;
        port = null;
        if (hasPort && int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 65535)
            port = number;
        return host.Length > 0 && (!hasPort || port is not null);
    }

    private static bool TryCut(string text, string prefix, [NotNullWhen(true)] out string? rest)
    {
        rest = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
        return rest is not null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_.:][A-Za-z0-9_.:%\-\\]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SshName();
}
