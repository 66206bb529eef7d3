using System.Collections.Immutable;
using Devloop.Model;

namespace Devloop.Ports;

/// <summary>Runs programs of this machine, each with all that it starts as one group.</summary>
public interface IProcessRunner
{
    /// <summary>
    /// Starts a program. It has nothing on its standard input. Throws <see cref="ProcessStartException"/> when it cannot be started; a
    /// program that does not exist may also show as exit code 127.
    /// </summary>
    /// <param name="output">Is told each line of both outputs, from several threads; the last one also without its end.</param>
    IRunningProcess Start(ProcessOrder order, Action<string> output);
}

/// <summary>A program to run.</summary>
/// <param name="Directory">Absolute.</param>
/// <param name="Environment">Set on top of what devloop itself has.</param>
public sealed record ProcessOrder(CommandWords Command, string Directory, ImmutableSortedDictionary<string, string> Environment);

/// <summary>Disposing ends it, with all that it started.</summary>
public interface IRunningProcess : IAsyncDisposable
{
    /// <summary>Its exit code, once its output was told; 128 and the number of the signal where one ended it.</summary>
    Task<int> Exit { get; }
}

/// <summary>A program cannot be started.</summary>
/// <param name="reason">A few words such as <c>no such directory</c>.</param>
public sealed class ProcessStartException(string reason, Exception? inner = null) : Exception(reason, inner)
{
    public string Reason { get; } = reason;
}
