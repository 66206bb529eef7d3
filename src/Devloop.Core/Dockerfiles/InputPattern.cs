using System.Collections.Immutable;

namespace Devloop.Dockerfiles;

internal enum PathRelation
{
    /// <summary>Neither the path nor anything below it.</summary>
    Apart,

    /// <summary>The path leads to what the pattern names.</summary>
    OnTheWay,

    /// <summary>The pattern names the path, or a directory above it.</summary>
    Named,
}

/// <summary>A source that an instruction reads from the context: a path or a pattern; a directory means everything below it.</summary>
public sealed class InputPattern
{
    private readonly string? _plain;
    private readonly ImmutableArray<Component> _components;
    private readonly IgnoreRules _excludes;

    /// <summary>How many components of a path the excludes do not see; -1: those that the pattern matched.</summary>
    private readonly int _excludesFrom;

    /// <summary>The links that led here, each with the number of components that were still to go behind it.</summary>
    private ImmutableDictionary<string, int> _passed = ImmutableDictionary<string, int>.Empty;

    private InputPattern(ImmutableArray<Component> components, Instruction? instruction, IgnoreRules excludes, int excludesFrom)
    {
        _components = components;
        _excludes = excludes;
        _excludesFrom = excludesFrom;
        Instruction = instruction;
        Text = string.Join('/', components.Select(c => c.Text));
        _plain = components.All(c => c.Pattern is null && !c.IsAnyDepth) ? Text : null;
    }

    /// <summary>Relative to the context, with <c>/</c>; empty is the whole context.</summary>
    public string Text { get; }

    /// <summary>What reads it; null for patterns of the config.</summary>
    public Instruction? Instruction { get; }

    public int? Line => Instruction?.FirstLine;

    /// <summary>Nothing of the context is left out.</summary>
    public bool IsEverything => _components.IsEmpty && _excludes.IsEmpty;

    internal bool ReadsLike(InputPattern other) =>
        Identity == other.Identity && _excludesFrom == other._excludesFrom && _excludes.Texts.SequenceEqual(other._excludes.Texts);

    internal string Identity => $"{Text}\n{Line}";

    /// <param name="source">A source of COPY or ADD with its variables in place; a leading slash is the context's root.</param>
    internal static InputPattern Of(string source, Instruction? instruction, IgnoreRules? excludes = null, bool parents = false)
    {
        int pivot = parents ? source.IndexOf("/./", StringComparison.Ordinal) : -1;
        int excludesFrom = !parents ? -1 : pivot < 0 ? 0 : ComponentsOf(source[..pivot]).Length;
        return new InputPattern(ComponentsOf(source), instruction, excludes ?? IgnoreRules.Empty, excludesFrom);
    }

    /// <summary>A path with all that is below it; no sign in it is a wildcard.</summary>
    internal static InputPattern Literal(string path) =>
        new([.. ContextPath.Clean(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Component.Literal)], null, IgnoreRules.Empty, -1);

    /// <summary>Whether it names a path with all that is below it.</summary>
    internal bool HoldsAllOf(string path) => _excludes.IsEmpty && Relate(path, out _) == PathRelation.Named;

    /// <summary>How a path stands to this source.</summary>
    internal PathRelation Relate(string path, bool isDirectory)
    {
        PathRelation relation = Relate(path, out int length);
        if (relation != PathRelation.Named || _excludes.IsEmpty || !IsExcluded(path, length, isDirectory))
            return relation;
        return isDirectory && _excludes.HasExceptions ? PathRelation.OnTheWay : PathRelation.Apart;
    }

    /// <summary>
    /// When a link is a source, or leads to one: what the same instruction then reads instead. Null also for a link that was passed
    /// before and brings the end no nearer: one that leads into itself would make the path longer for ever.
    /// </summary>
    /// <param name="target">The link's target as a path of the context.</param>
    internal InputPattern? Through(string link, string target)
    {
        int used = Relate(link, out _) == PathRelation.Apart ? -1 : UsedComponents(link);
        if (used < 0)
            return null;
        ImmutableArray<Component> rest = _components[used..];
        if (_passed.TryGetValue(link, out int before) && rest.Length >= before)
            return null;
        return new InputPattern([.. ContextPath.Clean(target).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Component.Literal), .. rest], Instruction, _excludes, _excludesFrom)
        {
            _passed = _passed.SetItem(link, rest.Length),
        };
    }

    public override string ToString() => Text.Length == 0 ? "." : Text;

    private static ImmutableArray<Component> ComponentsOf(string source) =>
        [.. ContextPath.Clean(source).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Component.Of)];

    private bool IsExcluded(string path, int matched, bool isDirectory)
    {
        int skip = matched;
        if (_excludesFrom >= 0)
        {
            skip = 0;
            for (int i = 0; i < _excludesFrom && skip < path.Length; i++)
                skip = path.IndexOf('/', skip) is >= 0 and var slash ? slash + 1 : path.Length;
        }
        else if (matched < path.Length && matched > 0)
        {
            skip++;
        }
        // A file that is the source itself is excluded by its name, as in `COPY --exclude=*.txt hom* /x`; a directory that is one never.
        if (skip < path.Length)
            return _excludes.IsIgnored(path[skip..]);
        return !isDirectory && _excludes.IsIgnored(path[(path.LastIndexOf('/') + 1)..]);
    }

    /// <param name="length">How many characters of the path the pattern took.</param>
    private PathRelation Relate(string path, out int length)
    {
        length = 0;
        if (_components.IsEmpty)
            return PathRelation.Named;
        if (_plain is null)
            return RelateComponents(path, out length);
        length = _plain.Length;
        if (path.Length >= _plain.Length)
            return path.StartsWith(_plain, StringComparison.Ordinal) && (path.Length == _plain.Length || path[_plain.Length] == '/') ? PathRelation.Named : PathRelation.Apart;
        return path.Length == 0 || (_plain[path.Length] == '/' && _plain.StartsWith(path, StringComparison.Ordinal)) ? PathRelation.OnTheWay : PathRelation.Apart;
    }

    /// <summary>Keeps the set of components that the path so far can have come to, so that many <c>**</c> do not multiply.</summary>
    private PathRelation RelateComponents(string path, out int length)
    {
        int count = _components.Length;
        Span<bool> reached = count < 128 ? stackalloc bool[count + 1] : new bool[count + 1];
        Span<bool> next = count < 128 ? stackalloc bool[count + 1] : new bool[count + 1];
        reached.Clear();
        reached[0] = true;
        for (int at = 0; ;)
        {
            length = Math.Max(0, at - 1);
            if (reached[count])
                return PathRelation.Named;
            if (at >= path.Length)
                return PathRelation.OnTheWay;
            int slash = path.IndexOf('/', at);
            int end = slash < 0 ? path.Length : slash;
            next.Clear();
            bool any = false;
            for (int i = 0; i < count; i++)
            {
                if (!reached[i])
                    continue;
                if (!_components[i].IsAnyDepth)
                {
                    if (_components[i].Matches(path.AsSpan(at, end - at)))
                        any = next[i + 1] = true;
                    continue;
                }
                if (i + 1 == count)
                    return PathRelation.Named;
                any = next[i] = reached[i + 1] = true; // it may stand for nothing
            }
            if (!any)
                return PathRelation.Apart;
            at = end + 1;
            Span<bool> swap = reached;
            reached = next;
            next = swap;
        }
    }

    /// <summary>How many components a path uses up when it is on the way or the source itself; -1 otherwise.</summary>
    private int UsedComponents(string path)
    {
        string[] parts = path.Split('/');
        if (parts.Length > _components.Length)
            return -1;
        for (int i = 0; i < parts.Length; i++)
        {
            if (_components[i].IsAnyDepth || !_components[i].Matches(parts[i]))
                return -1;
        }
        return parts.Length;
    }

    private readonly record struct Component(string Text, GlobPattern? Pattern, bool IsAnyDepth)
    {
        public static Component Literal(string text) => new(text, null, false);

        /// <summary>A pattern with wrong syntax is taken as plain text.</summary>
        public static Component Of(string text) =>
            text == "**" ? new(text, null, true)
            : GlobPattern.HasWildcards(text) ? new(text, GlobPattern.TryParse(text), false)
            : Literal(text);

        public bool Matches(ReadOnlySpan<char> name) => Pattern?.Matches(name) ?? name.SequenceEqual(Text);
    }
}
