using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>A source of COPY or ADD, and where it goes.</summary>
internal sealed class LiveSource
{
    private readonly ImmutableArray<(string Text, GlobPattern? Glob)> _parts;

    /// <summary>How many parts stand before the first one with a wildcard.</summary>
    private readonly int _plain;

    private LiveSource(InputPattern pattern, string destination, bool intoDirectory)
    {
        (Pattern, Destination, IntoDirectory) = (pattern, destination, intoDirectory);
        _parts = [.. pattern.Text.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(p => (p, GlobPattern.HasWildcards(p) ? GlobPattern.TryParse(p) : null))];
        _plain = _parts.TakeWhile(p => p.Glob is null).Count();
    }

    public InputPattern Pattern { get; }

    /// <summary>Absolute in the container, without a slash at the end; empty is the root.</summary>
    public string Destination { get; }

    /// <summary>The destination is written as a directory: a file keeps its name in it.</summary>
    public bool IntoDirectory { get; }

    /// <summary>Copied as a layer of its own: newer versions of BuildKit put a file in the place of a directory then, older ones into it.</summary>
    public bool IsLinked => Pattern.Instruction?.Flag("link") is { } flag && !"false".Equals(flag.Value, StringComparison.OrdinalIgnoreCase);

    public bool HasWildcards => _plain < _parts.Length;

    /// <param name="destination">Absolute; a slash at the end makes it a directory.</param>
    /// <returns>Null for a source whose meaning differs from one version of BuildKit to the next.</returns>
    public static LiveSource? Of(string source, Instruction instruction, IgnoreRules? excludes, string destination)
    {
        InputPattern pattern = InputPattern.Of(source, instruction, excludes);
        bool isPlain = !source.Contains("**", StringComparison.Ordinal) && !source.Contains('\\')
            && pattern.Text.Split('/').All(p => !GlobPattern.HasWildcards(p) || GlobPattern.TryParse(p) is not null);
        return isPlain ? new LiveSource(pattern, destination.TrimEnd('/'), destination.EndsWith('/')) : null;
    }

    /// <summary>How a changed path of the context stands to it.</summary>
    public PathRelation Relate(string path, bool isDirectory) => Pattern.Relate(path, isDirectory);

    /// <summary>What of a path is below the file or directory that the source names; empty when it is that one itself.</summary>
    /// <param name="path">One that the source names, or that is below it.</param>
    public string Below(string path)
    {
        int at = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            int slash = path.IndexOf('/', at);
            if (slash < 0)
                return "";
            at = slash + 1;
        }
        return path[at..];
    }

    /// <summary>What the source names without a wildcard; null when nothing is there.</summary>
    public ContextNode? Find(ContextSnapshot context) => _parts.IsEmpty ? context.Tree : context.Find(Pattern.Text);

    /// <summary>The directories that may hold what a wildcard names, in the order in which BuildKit walks them.</summary>
    public IEnumerable<(string Path, ContextNode.Directory Directory)> Holders(ContextSnapshot context)
    {
        IEnumerable<(string Path, ContextNode.Directory Directory)> level = [("", context.Tree)];
        foreach ((string text, GlobPattern? glob) in _parts[..^1])
        {
            level = level.SelectMany(at => glob is null
                ? at.Directory.Child(text) is ContextNode.Directory one ? [(Join(at.Path, text), one)] : []
                : at.Directory.Children.OfType<ContextNode.Directory>().Where(d => glob.Matches(d.Name)).Select(d => (Join(at.Path, d.Name), d)));
        }
        return level;
    }

    /// <summary>Whether a name is one of those that the last part of the source names.</summary>
    public bool NamesLast(string name) => _parts[^1] is var (text, glob) && (glob is null ? name == text : glob.Matches(name));

    /// <summary>Whether BuildKit would go through a symbolic link to find it: what is then copied stands elsewhere.</summary>
    public bool GoesThroughLink(ContextSnapshot context)
    {
        if (context.Tree.Links == 0)
            return false;
        IEnumerable<ContextNode.Directory> level = [context.Tree];
        for (int i = 0; i < _parts.Length; i++)
        {
            (string text, GlobPattern? glob) = _parts[i];
            ContextNode[] next = [.. level.Where(d => d.Links > 0).SelectMany(d => glob is null ? d.Child(text) is { } one ? [one] : [] : d.Children.Where(c => c is not ContextNode.File && glob.Matches(c.Name)))];
            if (next.Any(n => n is ContextNode.Link))
                return true;
            level = next.OfType<ContextNode.Directory>();
        }
        return false;
    }

    public static string Join(string directory, string path) => directory.Length == 0 ? path : path.Length == 0 ? directory : $"{directory}/{path}";
}
