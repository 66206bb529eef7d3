using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Devloop.Adapters.Files.Runs;

/// <summary>
/// Which `up` runs for which project, so that other commands find it and a second one says so. One file a project and place, which only its
/// user can read. A record whose process is gone, or whose number another process has by now, is passed over and taken away.
/// </summary>
public sealed class RunRecords(string directory)
{
    private const UnixFileMode OwnersDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static RunRecords OfUser(Func<string, string?> environment) => new(Path.Combine(UserCache.Directory(environment), "runs"));

    /// <summary>The absolute path of a config without links on the way, so that one config has one name.</summary>
    public static string NameOf(string config)
    {
        string full = Path.GetFullPath(config), name = Path.GetPathRoot(full) ?? "";
        foreach (string part in full[name.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            name = Path.Combine(name, part);
            try
            {
                name = (Directory.Exists(name) ? new DirectoryInfo(name).ResolveLinkTarget(returnFinalTarget: true) : new FileInfo(name).ResolveLinkTarget(returnFinalTarget: true))?.FullName ?? name;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What is not there, or cannot be looked at, goes by the name it was given.
            }
        }
        return name;
    }

    /// <summary>The runs of a config, wherever they deploy to, the oldest first.</summary>
    public ImmutableArray<RunRecord> Of(string config)
    {
        if (!Directory.Exists(directory))
            return [];
        try
        {
            return [.. Directory.GetFiles(directory, "*.json").Select(ReadAlive).OfType<RunRecord>().Where(r => r.Config == config).OrderBy(r => r.Since)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The run of a config in one place; null when there is none.</summary>
    public RunRecord? Find(string config, string? context, string? @namespace) => ReadAlive(PathOf(config, context, @namespace));

    /// <summary>
    /// Writes a record down, unless another process has the place: then gives that one. Of two that ask at once one gets it. Throws
    /// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when nothing can be written.
    /// </summary>
    public RunRecord? Claim(RunRecord mine)
    {
        ArgumentNullException.ThrowIfNull(mine);
        CreateDirectory();
        using (CacheLock.Take(directory))
        {
            string path = PathOf(mine.Config, mine.Context, mine.Namespace);
            if (ReadAlive(path) is { } other)
                return other;
            Write(path, mine);
            return null;
        }
    }

    /// <summary>The run is over.</summary>
    public void Release(RunRecord mine)
    {
        ArgumentNullException.ThrowIfNull(mine);
        string path = PathOf(mine.Config, mine.Context, mine.Namespace);
        if (Read(path) is { } there && there.Pid == mine.Pid && there.Started == mine.Started)
            CacheFile.DeleteQuietly(path);
    }

    private void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return;
        }
        Directory.CreateDirectory(directory, OwnersDirectory);
        // One that was there before may have been made by somebody less careful.
        File.SetUnixFileMode(directory, OwnersDirectory);
    }

    private static void Write(string path, RunRecord record)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}{CacheFile.Unfinished}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnersFile;
        try
        {
            using (var file = new FileStream(temporary, options))
                JsonSerializer.Serialize(file, record, RunJson.Default.RunRecord);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            CacheFile.DeleteQuietly(temporary);
            throw;
        }
    }

    /// <summary>A record of a process that is gone is taken away in passing.</summary>
    private static RunRecord? ReadAlive(string path)
    {
        if (Read(path) is not { } record)
            return null;
        if (record.IsAlive)
            return record;
        CacheFile.DeleteQuietly(path);
        return null;
    }

    private static RunRecord? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), RunJson.Default.RunRecord) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string config, string? context, string? @namespace)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{config}\0{context}\0{@namespace}"));
        return Path.Combine(directory, Convert.ToHexStringLower(hash.AsSpan(0, 16)) + ".json");
    }
}
