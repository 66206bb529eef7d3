using System.ComponentModel;
using System.Globalization;

namespace Devloop.Adapters.Transport;

/// <summary>Reaches an engine through the user's own <c>ssh</c>, which knows keys, agents and aliases: the docker client of the host joins the stream to its engine.</summary>
internal static class SshConnection
{
    /// <summary>ssh's own failures, by ssh(1).</summary>
    private const int FailureOfSsh = 255;

    /// <summary>Shells say so of a program that they do not find, by POSIX.</summary>
    private const int NoSuchProgram = 127;

    public static Stream Open(IDialer dialer, EngineAddress.Ssh address)
    {
        ProcessStream process;
        try
        {
            process = ProcessStream.Start("ssh", Arguments(address));
        }
        catch (Win32Exception e)
        {
            throw dialer.Unreachable("there is no `ssh` program on this machine", "`ssh` is in the package `openssh-client`", e);
        }
        return new FirstAnswerStream(process, async failure => await ReasonAsync(dialer, address, process, failure).ConfigureAwait(false));
    }

    /// <summary>No question is asked (BatchMode): several connections are made, at any time, and a terminal may not be there to answer.</summary>
    internal static IEnumerable<string> Arguments(EngineAddress.Ssh address)
    {
        yield return "-T";
        yield return "-oBatchMode=yes";
        yield return "-oConnectTimeout=15";
        if (address.User is { } user)
        {
            yield return "-l";
            yield return user;
        }
        if (address.Port is { } port)
        {
            yield return "-p";
            yield return port.ToString(CultureInfo.InvariantCulture);
        }
        yield return "--";
        yield return address.Host;
        yield return "docker";
        if (address.Socket is { } socket)
        {
            yield return "--host";
            // The host's shell reads it.
            yield return "'unix://" + socket.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        }
        yield return "system";
        yield return "dial-stdio";
    }

    private static async Task<Exception> ReasonAsync(IDialer dialer, EngineAddress.Ssh address, ProcessStream process, Exception? failure)
    {
        (int? code, string[] errors) = await process.EndAsync().ConfigureAwait(false);
        string destination = address.User is null ? address.Host : $"{address.User}@{address.Host}";
        string said = errors is [.., var last] ? $": {last}" : "";
        return code switch
        {
            NoSuchProgram => dialer.Unreachable($"there is no `docker` program on the host `{address.Host}`{said}",
                "the host needs the docker client, and its directory in the `PATH` of shells without a login", failure),
            FailureOfSsh => dialer.Unreachable("ssh failed" + said,
                $"`ssh {(address.Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"-p {port} ") : "")}{destination} true` works without a question: the host's key is known, and an agent or a key without a passphrase lets in", failure),
            _ => dialer.Unreachable($"`docker` on the host `{address.Host}` did not connect{said}",
                $"`ssh {destination} docker version` says more", failure),
        };
    }
}
