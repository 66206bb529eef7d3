namespace Devloop.Starlark;

/// <summary>A part of a text, in UTF-16 units: from <see cref="Start"/> on, <see cref="Length"/> of them, which may be none.</summary>
public readonly record struct Span(int Start, int Length)
{
    /// <summary>The first unit after it.</summary>
    public int End => Start + Length;

    public static Span Between(int start, int end) => new(start, end - start);
}
