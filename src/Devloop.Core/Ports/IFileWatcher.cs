using System.Collections.Immutable;

namespace Devloop.Ports;

/// <summary>Says which files changed.</summary>
public interface IFileWatcher
{
    /// <summary>
    /// Watches directories with all below them; the first batch, empty, comes when the watch stands: nothing after it is missed.
    /// A batch holds what changed until the files were quiet.
    /// </summary>
    /// <param name="directories">Absolute.</param>
    /// <param name="quiet">How long nothing may change before a batch is given out.</param>
    IAsyncEnumerable<FileBatch> WatchAsync(ImmutableArray<string> directories, TimeSpan quiet, CancellationToken cancellationToken);
}

/// <param name="Paths">Absolute, sorted, each once.</param>
/// <param name="Overflow">True when the system lost events: anything may have changed.</param>
public sealed record FileBatch(ImmutableArray<string> Paths, bool Overflow);

/// <summary>Files cannot be watched, such as for a limit of the system; thrown by the watch.</summary>
public sealed class FileWatchException(Devloop.Diagnostics.Diagnostic diagnostic, Exception? inner = null) : Exception(diagnostic.Message, inner)
{
    public Devloop.Diagnostics.Diagnostic Diagnostic { get; } = diagnostic;
}
