using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Planning;

/// <summary>Which files a local command reads: its <c>deps</c>, without what it ignores and without what it writes itself. Links are listed, never followed.</summary>
public sealed class LocalInputs : IInputFilter
{
    /// <summary>Version control writes there at every command.</summary>
    private const string Unwatched = ".git";

    private readonly string _project;
    private readonly ImmutableArray<PathGlob> _deps;
    private readonly ImmutableArray<PathGlob> _produces;
    private readonly IgnoreRules _ignore;

    /// <param name="project">The project's absolute directory.</param>
    /// <param name="isDirectory">Whether a path of the config is a directory now.</param>
    internal LocalInputs(string project, LocalCommand local, IgnoreRules ignore, Func<string, bool> isDirectory)
    {
        _project = ProjectPath.Absolute(project, ".");
        _deps = [.. local.Deps.Select(d => new PathGlob(ProjectPath.Absolute(project, d)))];
        _produces = [.. local.Produces.Select(p => new PathGlob(ProjectPath.Absolute(project, p)))];
        _ignore = ignore;
        WatchRoots = [.. local.Deps.Select(d => isDirectory(d) ? ProjectPath.Absolute(project, d) : ParentOf(ProjectPath.Absolute(project, d))).Distinct()];
        Directory = CommonDirectory([.. local.Deps.Select(d => ParentOf(ProjectPath.Absolute(project, d)))], _project);
    }

    /// <summary>The absolute directory that holds them all: what is read begins there.</summary>
    public string Directory { get; }

    /// <summary>The absolute directories whose files matter. No more than these: what holds them all may be very large.</summary>
    public ImmutableArray<string> WatchRoots { get; }

    public bool IsEmpty => _deps.IsEmpty;

    public InputVerdict Judge(string path, EntryKind kind)
    {
        string absolute = path.Length == 0 ? Directory : Directory.TrimEnd('/') + "/" + path;
        bool isDirectory = kind == EntryKind.Directory;
        GlobRelation relation = _deps.Select(d => d.Relate(absolute)).DefaultIfEmpty(GlobRelation.Apart).Max();
        if (relation == GlobRelation.Apart || path.Split('/').Contains(Unwatched) || _produces.Any(p => p.Relate(absolute) == GlobRelation.Named))
            return InputVerdict.Prune;
        if (ProjectPath.Below(_project, absolute) is { } inProject && inProject != "." && _ignore.IsIgnored(inProject))
        {
            if (!isDirectory || !_ignore.MayTakeBackBelow(inProject))
                return InputVerdict.Prune;
            relation = GlobRelation.OnTheWay;
        }
        return relation == GlobRelation.Named ? InputVerdict.Include : isDirectory ? InputVerdict.Descend : InputVerdict.Prune;
    }

    /// <summary>Whether a change of a path can change what the command reads.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    /// <param name="known">What was read last: a directory that goes takes with it what is in it.</param>
    public bool Reads(string path, ContextSnapshot? known)
    {
        if (IsEmpty)
            return false;
        string absolute = ProjectPath.Absolute(_project, path);
        if (ProjectPath.Below(absolute, Directory) is not null)
            return known is not null;
        return ProjectPath.Below(Directory, absolute) is { } inside
            && (Judge(inside, EntryKind.File) == InputVerdict.Include
                || (known?.Find(inside) is ContextNode.Directory or ContextNode.Link && Judge(inside, EntryKind.Directory) != InputVerdict.Prune));
    }

    /// <summary>Whether something at a path, or below it, may be read: what is written there need not be there yet.</summary>
    public bool MayRead(string path)
    {
        if (IsEmpty)
            return false;
        string absolute = ProjectPath.Absolute(_project, path);
        return ProjectPath.Below(absolute, Directory) is not null
            || (ProjectPath.Below(Directory, absolute) is { } inside
                && (Judge(inside, EntryKind.File) == InputVerdict.Include || Judge(inside, EntryKind.Directory) != InputVerdict.Prune));
    }

    /// <summary>The paths of what changed as the reader wants them: relative to <see cref="Directory"/>; empty is all of it.</summary>
    internal IEnumerable<string> InDirectory(IEnumerable<string> paths) =>
        paths.Select(p => ProjectPath.Absolute(_project, p))
            .Select(p => ProjectPath.Below(p, Directory) is not null ? "" : ProjectPath.Below(Directory, p)).OfType<string>();

    /// <summary>The directory of a file; of a glob, the one above its first wildcard.</summary>
    private static string ParentOf(string path)
    {
        string above = path.AsSpan().IndexOfAny("*?") >= 0 ? FixedPart(path) : path[..Math.Max(path.LastIndexOf('/'), 0)];
        return above.Length == 0 ? "/" : above;
    }

    private static string FixedPart(string glob) => string.Join('/', glob.Split('/').TakeWhile(p => p.AsSpan().IndexOfAny("*?") < 0));

    private static string CommonDirectory(ImmutableArray<string> directories, string otherwise)
    {
        if (directories.IsEmpty)
            return otherwise;
        string[] common = directories[0].Split('/');
        foreach (string directory in directories.Skip(1))
            common = [.. common.Zip(directory.Split('/')).TakeWhile(p => p.First == p.Second).Select(p => p.First)];
        return string.Join('/', common) is { Length: > 0 } found ? found : "/";
    }
}
