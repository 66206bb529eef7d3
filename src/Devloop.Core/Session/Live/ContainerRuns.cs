using System.Collections.Immutable;
using System.Text;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Session.Live;

/// <summary>Commands of the config that run in a container once its files were changed.</summary>
internal static class ContainerRuns
{
    public const string Shell = "/bin/sh";

    /// <summary>Runs one after the other until one fails.</summary>
    /// <returns>Null when all went well.</returns>
    public static async Task<ContainerUpdateOutcome?> RunAsync(IContainers containers, ContainerUpdate update, CancellationToken cancellationToken)
    {
        foreach (CommandWords command in update.Runs)
        {
            if (await RunAsync(containers, update.Place, command, update.Output, cancellationToken).ConfigureAwait(false) is { } failed)
                return failed;
        }
        return null;
    }

    private static async Task<ContainerUpdateOutcome?> RunAsync(IContainers containers, ContainerPlace place, CommandWords command, Action<string, bool>? hear, CancellationToken cancellationToken)
    {
        var last = new LastLines(LastLines.InEvidence);
        var output = new OutputLines(line => Tell(line, isError: false));
        var errors = new OutputLines(line => Tell(line, isError: true));
        void Tell(string line, bool isError)
        {
            last.Add(line);
            hear?.Invoke(line, isError);
        }
        ImmutableArray<string> words = command.Shell ? [Shell, "-c", .. command.Words] : command.Words;
        ContainerExecEnd end = await containers.ExecAsync(
            new ContainerOrder(place, words) { Output = (bytes, isError) => (isError ? errors : output).Add(bytes.Span) }, cancellationToken).ConfigureAwait(false);
        output.End();
        errors.End();
        return end switch
        {
            ContainerExecEnd.Exited { Code: 0 } => null,
            ContainerExecEnd.NotThere => new ContainerUpdateOutcome.Gone(),
            ContainerExecEnd.Exited when await containers.RunsAsync(place, cancellationToken).ConfigureAwait(false) == false => new ContainerUpdateOutcome.Gone(),
            ContainerExecEnd.Exited exited => new ContainerUpdateOutcome.RunFailed(command, exited.Code, TransferProblem.RunFailed(place, command, exited.Code, last.All)),
            ContainerExecEnd.NoProgram => new ContainerUpdateOutcome.RunFailed(command, 127, TransferProblem.RunNotStarted(place, command)),
            ContainerExecEnd.Forbidden forbidden => new ContainerUpdateOutcome.Refused(TransferProblem.Forbidden(place, forbidden.Text)),
            ContainerExecEnd.Lost lost => new ContainerUpdateOutcome.Broken(TransferProblem.Broken(place, lost.Text)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Cuts bytes into lines.</summary>
    private sealed class OutputLines(Action<string> tell)
    {
        private const int Longest = 64 * 1024;

        private readonly Decoder _decoder = new UTF8Encoding(false).GetDecoder();
        private readonly StringBuilder _line = new();

        public void Add(ReadOnlySpan<byte> bytes)
        {
            char[] signs = new char[_decoder.GetCharCount(bytes, flush: false)];
            _decoder.GetChars(bytes, signs, flush: false);
            foreach (char sign in signs)
            {
                if (sign == '\n' || _line.Length >= Longest)
                    End();
                if (sign != '\n')
                    _line.Append(sign);
            }
            // A line is told when it ends, or at the end of all.
        }

        public void End()
        {
            if (_line.Length == 0)
                return;
            tell(_line.ToString().TrimEnd('\r'));
            _line.Clear();
        }
    }
}
