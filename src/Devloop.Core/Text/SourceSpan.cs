namespace Devloop.Text;

/// <summary>Line and column, both from 1.</summary>
public readonly record struct SourcePosition(int Line, int Column);

/// <summary>A stretch of a text: offsets in UTF-16 units.</summary>
public sealed record SourceSpan(SourceText Source, int Start, int Length)
{
    public int End => Start + Length;

    public string File => Source.File;

    public string Text => Source.Content.Substring(Start, Length);

    public SourcePosition Position => Source.Position(Start);

    public int Line => Position.Line;

    public int Column => Position.Column;

    /// <summary><c>file:line:column</c>, as editors and terminals link it.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
