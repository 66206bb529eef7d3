using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Devloop.Adapters.Transport;

/// <summary>Where a Docker Engine listens, as <c>DOCKER_HOST</c> writes it.</summary>
public abstract record EngineAddress
{
    private EngineAddress() { }

    /// <summary>The address when nothing names one.</summary>
    public static EngineAddress Default { get; } =
        OperatingSystem.IsWindows() ? new Pipe("docker_engine") : new Unix("/var/run/docker.sock");

    /// <summary>A unix socket: <c>unix:///var/run/docker.sock</c>.</summary>
    public sealed record Unix(string Path) : EngineAddress
    {
        public override string ToString() => "unix://" + Path;
    }

    /// <summary>TCP in the clear: <c>tcp://127.0.0.1:2375</c>.</summary>
    public sealed record Tcp(string Host, int Port) : EngineAddress
    {
        public override string ToString() => $"tcp://{Host}:{Port}";
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
    public static EngineAddress Parse(string text)
    {
        if (TryCut(text, "unix://", out string? path) && path.Length > 0)
            return new Unix(path);
        if (TryCut(text, "npipe:////./pipe/", out string? pipe) && pipe.Length > 0)
            return new Pipe(pipe);
        if (TryCut(text, "tcp://", out string? authority) || TryCut(text, "http://", out authority))
            return ParseTcp(text, authority.TrimEnd('/'));
        if (text.StartsWith("ssh://", StringComparison.Ordinal))
            return new Unsupported(text, "devloop does not dial engines over ssh", "an ssh tunnel to the socket makes it local: `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST`, then `DOCKER_HOST=unix:///tmp/docker.sock`");
        return new Unsupported(text, "the address is not one that devloop knows", "addresses are `unix:///PATH`, `tcp://HOST:PORT` and, on Windows, `npipe:////./pipe/NAME`");
    }

    private static EngineAddress ParseTcp(string text, string authority)
    {
        int colon = authority.LastIndexOf(':');
        bool hasPort = colon > 0 && !authority.EndsWith(']');
        string host = (hasPort ? authority[..colon] : authority).Trim('[', ']');
        int port = 2375; // what the docker client takes when none is given
        if (host.Length == 0 || (hasPort && (!int.TryParse(authority[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)))
            return new Unsupported(text, "the address has no valid host and port", "a TCP address is written `tcp://HOST:PORT`");
        return new Tcp(host, port);
    }

    private static bool TryCut(string text, string prefix, [NotNullWhen(true)] out string? rest)
    {
        rest = text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;
        return rest is not null;
    }
}
