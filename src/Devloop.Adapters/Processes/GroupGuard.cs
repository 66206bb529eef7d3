using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Devloop.Adapters.Processes;

/// <summary>
/// Ends groups of processes when devloop itself was ended so hard that it could not. One small shell, in a session of its own, is told which
/// groups there are; when the pipe to it closes, it ends those that are left.
/// </summary>
internal sealed class GroupGuard : IAsyncDisposable
{
    private const string Script = """
        groups=
        while read -r sign id; do
          case $sign in
            +) groups="$groups $id" ;;
            -) keep=; for g in $groups; do [ "$g" = "$id" ] || keep="$keep $g"; done; groups=$keep ;;
          esac
        done
        for g in $groups; do kill -s TERM -- "-$g" 2>/dev/null; done
        n=0
        while [ -n "$groups" ] && [ $n -lt 5 ]; do
          sleep 1
          left=; for g in $groups; do kill -s 0 -- "-$g" 2>/dev/null && left="$left $g"; done; groups=$left
          n=$((n+1))
        done
        for g in $groups; do kill -s KILL -- "-$g" 2>/dev/null; done
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Process? _shell;
    private bool _isOver;

    public void Add(ProcessGroup group) => Say('+', group);

    public void Remove(ProcessGroup group) => Say('-', group);

    private void Say(char sign, ProcessGroup group)
    {
        lock (_lock)
        {
            try
            {
                if (_shell is null && !_isOver)
                    _shell = Start();
                _shell?.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sign} {group.Id}"));
                _shell?.StandardInput.Flush();
            }
            catch (Exception e) when (e is IOException or Win32Exception)
            {
                // Without a guard all goes on; only what a SIGKILL of devloop leaves is left.
                _isOver = true;
            }
        }
    }

    private static Process? Start()
    {
        ProcessStartInfo start = Launch.InOwnSession(["/bin/sh", "-c", Script], out bool own);
        // In devloop's own group the keys of a terminal would end it first.
        return own ? Process.Start(start) : null;
    }

    public async ValueTask DisposeAsync()
    {
        Process? shell;
        lock (_lock)
            (shell, _shell, _isOver) = (_shell, null, true);
        if (shell is null)
            return;
        try
        {
            shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // It was ended by somebody else.
        }
        using var limit = new CancellationTokenSource(Patience);
        await shell.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        shell.Dispose();
    }
}
