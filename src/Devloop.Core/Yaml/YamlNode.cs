using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Yaml;

/// <summary>
/// A node of a YAML document and where it stands. An alias is the very node that it names, so a document is a graph without circles:
/// whoever walks all of it bounds the walk. Comments are not kept.
/// </summary>
public abstract record YamlNode(SourceSpan At);

/// <param name="Value">The text after unquoting and folding.</param>
/// <param name="IsPlain">Written without quotes, so that the schema may read it as null, a number or a boolean.</param>
/// <param name="Tag">As resolved, such as <c>tag:yaml.org,2002:str</c>; empty when there is none.</param>
public sealed record YamlScalar(SourceSpan At, string Value, bool IsPlain, string Tag = "") : YamlNode(At)
{
    /// <summary>Nothing, <c>~</c> or <c>null</c> (YAML 1.2, section 10.3.2).</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";
}

public sealed record YamlSequence(SourceSpan At, ImmutableArray<YamlNode> Items) : YamlNode(At);

/// <summary>A mapping in the order of the text; a key may stand more than once, which is for the reader to report.</summary>
/// <param name="Written">As it stands, for readers with a rule of their own for merge keys, or for keys that are no texts.</param>
/// <param name="Entries">
/// With texts as keys and merge keys resolved as YAML 1.1 says: what the mapping says itself goes before what it takes over, and of what
/// it takes over the earlier goes before the later.
/// </param>
public sealed record YamlMapping(SourceSpan At, ImmutableArray<YamlPair> Written, ImmutableArray<YamlEntry> Entries) : YamlNode(At)
{
    public static YamlMapping Empty(SourceSpan at) => new(at, [], []);
}

/// <summary>A key and its value as written.</summary>
public readonly record struct YamlPair(YamlNode Key, YamlNode Value)
{
    /// <summary>A plain <c>&lt;&lt;</c>.</summary>
    public bool IsMerge => Key is YamlScalar { IsPlain: true, Value: "<<" };
}

public sealed record YamlEntry(YamlScalar Key, YamlNode Value);

/// <summary>The documents of a file, in their order; empty ones are left out.</summary>
public sealed record YamlStream(ImmutableArray<YamlDocument> Documents);

/// <param name="IsWhole">False when a part of it could not be read, which was reported; nothing stands in its place.</param>
public sealed record YamlDocument(YamlNode Root, bool IsWhole);
