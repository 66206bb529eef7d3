using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>What the images of a project were last built from, in this run and before it: tells which inputs differ.</summary>
/// <param name="project">The project's absolute directory.</param>
public sealed class LastBuilds(IBuildHistory history, string project)
{
    private readonly ConcurrentDictionary<ImageName, BuildRecord?> _last = [];
    private readonly ConcurrentDictionary<ImageName, BuildRecord> _unwritten = [];

    public BuildRecord? Last(ImageName image) => _last.GetOrAdd(image, i => history.Last(project, i));

    /// <summary>What differs from the last time; empty when there is none.</summary>
    public ImmutableArray<BuildReason> Compare(Fingerprint now)
    {
        if (Last(now.Image.Name) is not { } last)
            return [];
        return last.Key == now.Key ? [new BuildReason.ImageGone()] : Differences.Between(last, now);
    }

    public void Remember(Fingerprint fingerprint, ImageDigest digest)
    {
        BuildRecord record = fingerprint.RecordOf(digest);
        if (Last(fingerprint.Image.Name) is { } last && last.Key == record.Key && last.Digest == digest)
            return;
        _last[fingerprint.Image.Name] = record;
        _unwritten[fingerprint.Image.Name] = record;
    }

    /// <summary>Writes what is new. Called once, at the end of a run: within it memory is enough, and a crash costs no more than an explanation.</summary>
    public Task SaveAsync() => Task.Run(() =>
    {
        foreach ((ImageName image, BuildRecord record) in _unwritten)
            history.Record(project, image, record);
    });
}
