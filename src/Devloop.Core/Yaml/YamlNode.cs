using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Yaml;

/// <summary>A node of a YAML document and where it stands. Aliases are resolved; comments are not kept.</summary>
public abstract record YamlNode(SourceSpan At);

/// <param name="Value">The text after unquoting and folding.</param>
/// <param name="IsPlain">Written without quotes, so that the schema may read it as null, a number or a boolean.</param>
public sealed record YamlScalar(SourceSpan At, string Value, bool IsPlain) : YamlNode(At)
{
    /// <summary>Nothing, <c>~</c> or <c>null</c> (YAML 1.2, section 10.3.2).</summary>
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";
}

public sealed record YamlSequence(SourceSpan At, ImmutableArray<YamlNode> Items) : YamlNode(At);

/// <summary>A mapping in the order of the text; a key may stand more than once, which is for the reader to report.</summary>
public sealed record YamlMapping(SourceSpan At, ImmutableArray<YamlEntry> Entries) : YamlNode(At);

public sealed record YamlEntry(YamlScalar Key, YamlNode Value);
