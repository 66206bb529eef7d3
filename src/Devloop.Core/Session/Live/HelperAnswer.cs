using System.Globalization;
using System.Text;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>
/// What the helper's end means. It says it in a line <c>devloop-helper: CODE STEP ERRNO USER PATH</c>, and ends with that code a little later: when it
/// has told, it only tidies up.
/// </summary>
internal static class HelperAnswer
{
    /// <summary>As in the helper's source, base.h.</summary>
    private const int Protocol = 81, ReadOnly = 82, NotPermitted = 83, NoSpace = 84, Surprise = 85, Other = 86, NoSupervisor = 87, RestartFailed = 88;

    private const string Mark = "devloop-helper: ";

    /// <summary>Whether the helper has said how it ends.</summary>
    public static bool IsTold(ReadOnlySpan<byte> errors) => errors.Length > 0 && errors[^1] == '\n' && errors.IndexOf("devloop-helper: "u8) >= 0;

    /// <summary>Whether it has said that all is done.</summary>
    public static bool IsDone(ReadOnlySpan<byte> errors) => errors.EndsWith("devloop-helper: 0 done 0 0 \n"u8);

    /// <param name="errors">What it wrote to its standard error.</param>
    /// <returns>Null when it told no trouble.</returns>
    public static ContainerUpdateOutcome? Of(ContainerPlace place, ReadOnlySpan<byte> errors)
    {
        (int code, string step, int error, long user, string path) = Read(errors);
        return code switch
        {
            ReadOnly => new ContainerUpdateOutcome.Refused(TransferProblem.ReadOnly(place, path)),
            NotPermitted => new ContainerUpdateOutcome.Refused(TransferProblem.NotPermitted(place, path, user)),
            NoSpace => new ContainerUpdateOutcome.Refused(TransferProblem.NoSpace(place, path)),
            Surprise => new ContainerUpdateOutcome.Refused(TransferProblem.Surprise(place, path)),
            Other => new ContainerUpdateOutcome.Refused(TransferProblem.Rejected(place, path, Words(error), [])),
            NoSupervisor => new ContainerUpdateOutcome.Refused(TransferProblem.NoSupervisor(place)),
            RestartFailed => new ContainerUpdateOutcome.Broken(TransferProblem.NotRestarted(place, Words(error))),
            Protocol => new ContainerUpdateOutcome.Broken(TransferProblem.Broken(place, step == "input" ? "the connection ended early" : $"the helper did not understand its input ({step})")),
            _ => null,
        };
    }

    private static (int Code, string Step, int Error, long User, string Path) Read(ReadOnlySpan<byte> errors)
    {
        string text = Encoding.UTF8.GetString(errors);
        int start = text.LastIndexOf(Mark, StringComparison.Ordinal);
        string[] parts = start < 0 ? [] : text[(start + Mark.Length)..].Split(' ', 5);
        return parts is [var code, var step, var error, var user, [.. var path, '\n']]
            && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int known)
            && int.TryParse(error, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && long.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            ? (known, step, number, id, path)
            : (0, "", 0, 0, "");
    }

    /// <summary>Numbers as in errno(3), which are the same on all machines that the helper is for.</summary>
    private static string Words(int error) => error switch
    {
        1 or 13 => "not permitted",
        2 => "no such file or directory",
        5 => "the disk reported an error",
        8 => "its program is not one that this machine can run",
        12 => "no memory",
        16 => "something is mounted there",
        17 => "it exists",
        20 => "a part of the path is no directory",
        21 => "it is a directory",
        24 => "too many open files",
        26 => "the program there runs",
        27 => "the file is too large",
        36 => "the name is too long",
        40 => "too many symbolic links",
        104 => "its supervisor ended",
        _ => string.Create(CultureInfo.InvariantCulture, $"error number {error}"),
    };
}
