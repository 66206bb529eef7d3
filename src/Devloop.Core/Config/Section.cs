using System.Collections.Immutable;
using System.Globalization;
using Devloop.Diagnostics;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>
/// One mapping of the config, read key by key. The keys asked for are the keys it knows: <see cref="Finish"/> reports every other one.
/// </summary>
internal sealed class Section
{
    private readonly YamlMapping _map;
    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly ICollection<Diagnostic> _problems;

    /// <param name="what">What the mapping describes, such as <c>image `api`</c>; for messages.</param>
    public Section(YamlMapping map, string what, ICollection<Diagnostic> problems)
    {
        (_map, What, _problems) = (map, what, problems);
        foreach (YamlPair pair in map.Written.Where(p => p.Key is not YamlScalar))
            problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, "a key is a text here, not a list or a mapping") with { At = pair.Key.At });
        foreach (YamlEntry entry in map.Entries)
        {
            if (_entries.TryAdd(entry.Key.Value, entry))
                continue;
            problems.Add(Diagnostic.Error(DiagnosticCode.DuplicateKey, $"key `{entry.Key.Value}` stands twice in {what}") with
            {
                At = entry.Key.At,
                Label = $"first on line {_entries[entry.Key.Value].Key.At.Line}",
                Help = "one of the two goes",
            });
        }
    }

    public string What { get; }

    public SourceSpan At => _map.At;

    public IEnumerable<YamlEntry> Entries => _entries.Values;

    public bool Has(string key) => Find(key) is not null;

    public SourceSpan? Place(string key) => _entries.GetValueOrDefault(key)?.Key.At;

    public SourceSpan? ValuePlace(string key) => _entries.GetValueOrDefault(key)?.Value.At;

    /// <summary>The node under a key; null when the key is not there or says nothing.</summary>
    public YamlNode? Find(string key)
    {
        if (!_known.Contains(key))
            _known.Add(key);
        return _entries.GetValueOrDefault(key)?.Value is { } node and not YamlScalar { IsNull: true } ? node : null;
    }

    public string? Text(string key) => Find(key) is { } node ? AsText(node, $"`{key}` of {What}") : null;

    public bool Flag(string key, bool otherwise = false)
    {
        switch (Find(key))
        {
            case null:
                return otherwise;
            case YamlScalar { IsPlain: true, Value: "true" or "True" or "TRUE" }:
                return true;
            case YamlScalar { IsPlain: true, Value: "false" or "False" or "FALSE" }:
                return false;
            case { } node:
                Wrong(node, $"`{key}` of {What} is `true` or `false`");
                return otherwise;
        }
    }

    public int Number(string key, int otherwise, int least, int most)
    {
        if (Find(key) is not { } node)
            return otherwise;
        if (node is YamlScalar scalar && int.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most)
        {
            return number;
        }
        Wrong(node, $"`{key}` of {What} is a number from {least} to {most}");
        return otherwise;
    }

    /// <summary>A list of texts; one text alone is a list of one.</summary>
    public ImmutableArray<string> Texts(string key) => [.. Items(key).Select(n => AsText(n, $"an entry of `{key}`")).OfType<string>()];

    /// <summary>The nodes of a list; one node alone is a list of one.</summary>
    public ImmutableArray<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequence sequence => sequence.Items,
        { } one => [one],
    };

    /// <summary>A mapping of texts; with <paramref name="nulls"/> a key without a value stays as null.</summary>
    public ImmutableSortedDictionary<string, string?> TextMap(string key, bool nulls)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        foreach (YamlEntry entry in Sub(key)?.Entries ?? [])
        {
            if (entry.Value is YamlScalar { IsNull: true } && nulls)
                map[entry.Key.Value] = null;
            else if (AsText(entry.Value, $"`{entry.Key.Value}` in `{key}`") is { } text)
                map[entry.Key.Value] = text;
        }
        return map.ToImmutable();
    }

    /// <summary>A mapping under a key, to be read on its own.</summary>
    public Section? Sub(string key, string? what = null)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMapping map:
                return new Section(map, what ?? $"`{key}`", _problems);
            case { } node:
                Wrong(node, $"`{key}` of {What} is a mapping");
                return null;
        }
    }

    /// <summary>A mapping that stands in a list, to be read on its own.</summary>
    public Section Inside(YamlMapping map, string what) => new(map, what, _problems);

    public string? AsText(YamlNode node, string what)
    {
        if (node is YamlScalar scalar && !scalar.IsNull)
            return scalar.Value;
        Wrong(node, $"{what} is a text");
        return null;
    }

    public void Wrong(YamlNode node, string message, string? help = null) => _problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, message) with
    {
        At = node.At,
        Label = "found " + node switch
        {
            YamlScalar { IsNull: true } => "nothing",
            YamlScalar scalar => $"`{scalar.Value}`",
            YamlSequence => "a list",
            _ => "a mapping",
        },
        Help = help,
    });

    public void Bad(string key, string message, string? label = null, string? help = null) =>
        _problems.Add(Diagnostic.Error(DiagnosticCode.BadValue, message) with { At = ValuePlace(key), Label = label, Help = help });

    public void Report(Diagnostic diagnostic) => _problems.Add(diagnostic);

    /// <summary>Keys of the design that this version does not read: named as such, not as unknown.</summary>
    public void NotYet(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Find(key) is not null)
            {
                Report(Diagnostic.Error(DiagnosticCode.NotSupported, $"`{key}` of {What} is not supported by this version") with
                {
                    At = Place(key),
                    Help = "without this line the rest works as it stands",
                });
            }
        }
    }

    /// <summary>Reports the keys that nobody asked for.</summary>
    public void Finish(string? noun = null)
    {
        noun ??= What;
        foreach (YamlEntry entry in _entries.Values.Where(e => !_known.Contains(e.Key.Value)))
        {
            _problems.Add(Diagnostic.Error(DiagnosticCode.UnknownKey, $"unknown key `{entry.Key.Value}` in {What}") with
            {
                At = entry.Key.At,
                Label = $"not a key of {noun}",
                Help = NearestName.Of(entry.Key.Value, _known) is { } near
                    ? $"a key with a similar name exists: `{near}`"
                    : $"the keys of {noun} are {string.Join(", ", _known.Select(k => $"`{k}`"))}",
            });
        }
    }
}
