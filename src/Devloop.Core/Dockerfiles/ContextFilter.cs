using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Dockerfiles;

/// <summary>Why a path is an input, or why not.</summary>
public abstract record InputReason
{
    private InputReason() { }

    /// <summary>Instructions read it; the first one is the first in the file.</summary>
    public sealed record Read(ImmutableArray<InputPattern> By) : InputReason;

    /// <summary>A line of the ignore file, or a pattern of the config (<see cref="IgnoreLine.At"/> says which), hides it.</summary>
    public sealed record Hidden(IgnoreLine By, bool ByConfig) : InputReason;

    /// <summary>The config's <c>only</c> leaves it out.</summary>
    public sealed record NotInOnly : InputReason;

    /// <summary>No instruction reads it.</summary>
    public sealed record Unread : InputReason;
}

/// <summary>
/// Decides what of a context an image reads: what its Dockerfile's instructions name, without what the ignore file or the config hides.
/// <para>
/// A link that is a source, or leads to one, is an input; what it leads to can be known only from the tree. After a reading,
/// <see cref="FollowLinks"/> says whether another reading with more sources is needed; BuildKit's followed paths.
/// </para>
/// </summary>
public sealed class ContextFilter : IInputFilter
{
    private readonly IgnoreRules _ignoreFile;
    private readonly IgnoreRules _configIgnore;
    private readonly ImmutableArray<InputPattern> _only;
    private readonly ImmutableArray<InputPattern> _inputs;

    /// <summary>No honest tree needs as many; links made to fork again and again must not take for ever.</summary>
    private const int MostLinked = 4096;
    private readonly int _mostInputs;

    /// <param name="ignoreFile">The Dockerfile's own ignore file, else the context's; empty when there is none.</param>
    /// <param name="configIgnore"><c>ignore</c> of the image: hides in addition, whatever the file takes back.</param>
    /// <param name="only"><c>only</c> of the image: paths or patterns; none leaves everything.</param>
    public ContextFilter(InputPatterns inputs, IgnoreRules? ignoreFile = null, IgnoreRules? configIgnore = null, IEnumerable<string>? only = null)
        : this(inputs.Patterns, ignoreFile ?? IgnoreRules.Empty, configIgnore ?? IgnoreRules.Empty, [.. (only ?? []).Select(o => InputPattern.Of(o, null))], inputs.Patterns.Length + MostLinked)
    {
    }

    private ContextFilter(ImmutableArray<InputPattern> inputs, IgnoreRules ignoreFile, IgnoreRules configIgnore, ImmutableArray<InputPattern> only, int mostInputs) =>
        (_inputs, _ignoreFile, _configIgnore, _only, _mostInputs) = (inputs, ignoreFile, configIgnore, only, mostInputs);

    /// <summary>The same rules over other sources.</summary>
    public ContextFilter Reading(InputPatterns inputs) => new(inputs.Patterns, _ignoreFile, _configIgnore, _only, inputs.Patterns.Length + MostLinked);

    /// <summary>The filter that also takes in some paths with all that is below them, as far as no rule hides it; null when this one does already.</summary>
    /// <param name="paths">Relative to the context; empty is all of it.</param>
    public ContextFilter? AlsoReading(IEnumerable<string> paths)
    {
        InputPattern[] more = [.. paths.Where(p => !_inputs.Any(i => i.HoldsAllOf(p))).Select(InputPattern.Literal)];
        return more.Length == 0 ? null : new ContextFilter([.. _inputs, .. more], _ignoreFile, _configIgnore, _only, _inputs.Length + more.Length + MostLinked);
    }

    /// <summary>The sources, with those that links have added.</summary>
    public ImmutableArray<InputPattern> Inputs => _inputs;

    public InputVerdict Judge(string path, EntryKind kind)
    {
        bool isDirectory = kind == EntryKind.Directory;
        PathRelation relation = Relate(_inputs, path, isDirectory);
        if (relation != PathRelation.Apart && !_only.IsEmpty && Relate(_only, path, isDirectory) is var only && only < relation)
            relation = only;
        if (relation == PathRelation.Apart)
            return InputVerdict.Prune;
        if (_ignoreFile.IsIgnored(path))
        {
            if (!isDirectory || !_ignoreFile.MayTakeBackBelow(path))
                return InputVerdict.Prune;
            relation = PathRelation.OnTheWay;
        }
        if (_configIgnore.IsIgnored(path))
        {
            if (!isDirectory || !_configIgnore.MayTakeBackBelow(path))
                return InputVerdict.Prune;
            relation = PathRelation.OnTheWay;
        }
        if (relation == PathRelation.Named)
            return InputVerdict.Include;
        return kind switch
        {
            EntryKind.Directory => InputVerdict.Descend,
            EntryKind.Symlink => InputVerdict.Include,
            _ => InputVerdict.Prune,
        };
    }

    /// <summary>Says of one path why it is an input or is not. Asked about a directory, it speaks of what is in it.</summary>
    public InputReason Explain(string path)
    {
        if (_ignoreFile.HiddenBy(path) is { } line)
            return new InputReason.Hidden(line, ByConfig: false);
        if (_configIgnore.HiddenBy(path) is { } pattern)
            return new InputReason.Hidden(pattern, ByConfig: true);
        if (!_only.IsEmpty && Relate(_only, path, isDirectory: false) != PathRelation.Named)
            return new InputReason.NotInOnly();
        ImmutableArray<InputPattern> readers = [.. _inputs.Where(i => i.Relate(path, isDirectory: false) == PathRelation.Named)];
        return readers.IsEmpty ? new InputReason.Unread() : new InputReason.Read(readers);
    }

    /// <summary>The sources that it reads, a line each, with what reads them.</summary>
    public string InputsText => string.Join('\n', _inputs.Select(i => $"{i} {i.Instruction}"));

    /// <summary>Whether two filters of one image and one text of its rules read the same: what its variables stand for may differ.</summary>
    public bool ReadsLike(ContextFilter other) =>
        ReferenceEquals(this, other) || (_inputs.Length == other._inputs.Length && _inputs.Zip(other._inputs).All(i => i.First.ReadsLike(i.Second)));

    /// <summary>The first source that a directory or a link on the way to it leads to; null when it leads to none.</summary>
    public InputPattern? LedTo(string path) => _inputs.FirstOrDefault(i => i.Relate(path, isDirectory: true) != PathRelation.Apart);

    /// <summary>The filter that also takes in what the links lead to, or null when this one has it all. Ask again after each further reading.</summary>
    /// <param name="entries">Those that this filter gave; all but links are passed over.</param>
    public ContextFilter? FollowLinks(IEnumerable<ContextEntry> entries)
    {
        ImmutableArray<ContextEntry> links = [.. entries.Where(e => e.Kind == EntryKind.Symlink)];
        if (links.IsEmpty)
            return null;
        var known = new HashSet<string>(_inputs.Select(i => i.Identity));
        var all = _inputs.ToBuilder();
        // What a link leads to may lead through another one.
        for (int i = 0; i < all.Count && all.Count < _mostInputs; i++)
        {
            foreach (ContextEntry link in links)
            {
                string target = link.LinkTarget!.StartsWith('/') ? link.LinkTarget : ContextPath.ParentOf(link.Path) + "/" + link.LinkTarget;
                if (all[i].Through(link.Path, target) is { } through && known.Add(through.Identity))
                    all.Add(through);
            }
        }
        return all.Count == _inputs.Length ? null : new ContextFilter(all.ToImmutable(), _ignoreFile, _configIgnore, _only, _mostInputs);
    }

    private static PathRelation Relate(ImmutableArray<InputPattern> patterns, string path, bool isDirectory)
    {
        var best = PathRelation.Apart;
        foreach (InputPattern pattern in patterns)
        {
            PathRelation relation = pattern.Relate(path, isDirectory);
            if (relation == PathRelation.Named)
                return relation;
            if (relation > best)
                best = relation;
        }
        return best;
    }
}
