using Devloop.Ports;

namespace Devloop.Adapters.BuildKit.Session;

/// <summary>
/// Counts what one transfer sends, and tells it at most ten times a second. A transfer that was asked for nothing says nothing: the
/// builder has the files already.
/// </summary>
internal sealed class UploadMeter(IProgress<BuildProgress> progress)
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _toldAt;
    private int _files;
    private long _bytes, _total;
    private bool _asked;

    /// <param name="size">Of the file that the builder wants, in bytes.</param>
    public void Asked(long size)
    {
        lock (_lock)
        {
            _asked = true;
            _total += size;
        }
    }

    public void Sent(int bytes, bool last)
    {
        lock (_lock)
        {
            _bytes += bytes;
            _files += last ? 1 : 0;
            if (_toldAt != 0 && TimeProvider.System.GetElapsedTime(_toldAt) < Apart)
                return;
            _toldAt = TimeProvider.System.GetTimestamp();
            progress.Report(new BuildProgress.Upload(_files, _bytes, _total, Done: false));
        }
    }

    /// <summary>The builder has all that it asked for.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_asked)
                progress.Report(new BuildProgress.Upload(_files, _bytes, _total, Done: true));
        }
    }
}
