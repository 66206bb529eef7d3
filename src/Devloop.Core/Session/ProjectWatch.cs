using System.Collections.Immutable;
using System.Threading.Channels;
using Devloop.Config;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>
/// Watches the directories that a project reads. Whatever was saved before a watch stood may have been missed, so everything is looked at
/// once when it stands; what did not change costs a walk and no build.
/// </summary>
internal sealed class ProjectWatch(IFileWatcher watcher, Project project, Action<EngineEvent> tell, Action<SideNews> side)
{
    public async Task RunAsync(ResolvedProject first, ChannelReader<ResolvedProject> later, CancellationToken cancellationToken)
    {
        ImmutableArray<string> roots = first.WatchRoots();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watching = WatchAsync(roots, stop.Token);
        try
        {
            await foreach (ResolvedProject next in later.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (next.WatchRoots() is var now && now.SequenceEqual(roots))
                    continue;
                // The new watch looks at everything when it stands, so nothing is lost between the two.
                roots = now;
                await stop.CancelAsync().ConfigureAwait(false);
                await watching.ConfigureAwait(false);
                stop.Dispose();
                stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                watching = WatchAsync(roots, stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            stop.Dispose();
        }
    }

    private async Task WatchAsync(ImmutableArray<string> roots, CancellationToken cancellationToken)
    {
        try
        {
            bool stands = false;
            await foreach (FileBatch batch in watcher.WatchAsync(roots, TimeSpan.FromMilliseconds(project.Settings.QuietMilliseconds), cancellationToken).ConfigureAwait(false))
            {
                tell(stands ? new EngineEvent.FilesChanged([.. batch.Paths.Select(Relative)], batch.Overflow) : new EngineEvent.WatchStarted());
                stands = true;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Over, or another watch takes its place.
        }
        catch (FileWatchException e)
        {
            side(new SideNews.Notice(e.Diagnostic));
        }
    }

    private string Relative(string path) => ProjectPath.Below(project.Root, path) ?? path.Replace('\\', '/');
}
