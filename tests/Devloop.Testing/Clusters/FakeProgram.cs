using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Devloop.Ports;

namespace Devloop.Testing.Clusters;

/// <summary>Plays the few programs of busybox that tests run in containers.</summary>
internal static class FakeProgram
{
    public static async Task<ExecEnd> RunAsync(ExecOrder order, CancellationToken cancellationToken)
    {
        if (order.Command is not ["/bin/busybox", var program, .. var arguments])
            throw new ClusterException(500, "ExecFailed", $"exec: \"{order.Command[0]}\": executable file not found");
        switch (program)
        {
            case "echo":
                order.Output?.Invoke(Encoding.UTF8.GetBytes(string.Join(' ', arguments) + "\n"), false);
                return new ExecEnd(0);
            case "head":
                // head -c COUNT
                var bytes = new byte[int.Parse(arguments[1], CultureInfo.InvariantCulture)];
                int count = await order.Input!.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
                order.Output?.Invoke(bytes.AsMemory(0, count), false);
                return new ExecEnd(0);
            case "sh":
                return Shell(order, arguments);
            default:
                order.Output?.Invoke(Encoding.UTF8.GetBytes($"{program}: applet not found\n"), true);
                return new ExecEnd(127);
        }
    }

    /// <summary><c>sh -c "echo WORDS >&amp;2; exit CODE"</c></summary>
    private static ExecEnd Shell(ExecOrder order, ImmutableArray<string> arguments)
    {
        int code = 0;
        foreach (string statement in arguments[1].Split(';', StringSplitOptions.TrimEntries))
        {
            if (statement.StartsWith("exit ", StringComparison.Ordinal))
                code = int.Parse(statement[5..], CultureInfo.InvariantCulture);
            else if (statement.StartsWith("echo ", StringComparison.Ordinal) && statement.EndsWith(" >&2", StringComparison.Ordinal))
                order.Output?.Invoke(Encoding.UTF8.GetBytes(statement[5..^4] + "\n"), true);
        }
        return new ExecEnd(code);
    }
}
