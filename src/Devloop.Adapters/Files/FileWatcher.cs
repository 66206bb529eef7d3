using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Devloop.Adapters.Files.Watching;
using Devloop.Ports;

namespace Devloop.Adapters.Files;

/// <summary>
/// Watches directories: by inotify on Linux, elsewhere by what .NET offers. Links are not followed, except a watched directory that
/// is one itself; <c>.git</c> is left out. A directory that is deleted or moved stands for all that was below it; one that appears
/// is told with all that is in it. A watched directory may come and go.
/// <para>Throws <see cref="FileWatchException"/> when the system allows no more watches.</para>
/// </summary>
public sealed class FileWatcher(TimeProvider time) : IFileWatcher
{
    public FileWatcher()
        : this(TimeProvider.System)
    {
    }

    public async IAsyncEnumerable<FileBatch> WatchAsync(ImmutableArray<string> directories, TimeSpan quiet, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] roots = Outermost(directories);
        using var changes = new ChangeCollector(time);
        using IDisposable source = await Task.Run<IDisposable>(
            () => OperatingSystem.IsLinux() ? InotifySource.Start(roots, changes) : SystemWatcherSource.Start(roots, changes), cancellationToken).ConfigureAwait(false);
        yield return new FileBatch([], Overflow: false);
        while (true)
            yield return await changes.NextAsync(quiet, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A directory below another one is watched with it.</summary>
    private static string[] Outermost(ImmutableArray<string> directories)
    {
        string[] all = [.. directories.Select(d => Path.TrimEndingDirectorySeparator(Path.GetFullPath(d))).Distinct(StringComparer.Ordinal)];
        return [.. all.Where(d => !all.Any(other => other != d && WatchedPath.IsBelow(d, other)))];
    }
}
