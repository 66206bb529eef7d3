using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// One instruction's text with its continuations joined, comments and empty lines between them left out, and the way back to
/// the file: every index of the joined text belongs to an offset of the source.
/// </summary>
public sealed class LogicalLine
{
    private readonly int _start;

    /// <summary>Empty for one whole line, which begins at the start.</summary>
    private readonly ImmutableArray<Piece> _pieces = [];

    internal LogicalLine(SourceText source, string text, ImmutableArray<Piece> pieces) =>
        (Source, Text, _pieces, _start) = (source, text, pieces, pieces[0].Source);

    internal LogicalLine(SourceText source, string text, int start) => (Source, Text, _start) = (source, text, start);

    public SourceText Source { get; }

    /// <summary>The joined text, without the continuation characters and without the end of the line.</summary>
    public string Text { get; }

    /// <summary>The offset in the source of an index of <see cref="Text"/>; the end of the text belongs to the end of the last piece.</summary>
    public int OffsetOf(int index)
    {
        if (_pieces.IsEmpty)
            return _start + index;
        Piece piece = _pieces[PieceAt(index)];
        return piece.Source + (index - piece.Index);
    }

    /// <summary>From the first to the last character; where a continuation lies between them it is inside the span.</summary>
    public SourceSpan Span(int start, int end)
    {
        int from = OffsetOf(start);
        return Source.Span(from, end > start ? OffsetOf(end - 1) + 1 - from : 0);
    }

    /// <summary>The stretches of the source that make up a stretch of the text: one, unless a continuation cuts it.</summary>
    public ImmutableArray<(int Start, int Length)> Stretches(int start, int end)
    {
        if (_pieces.IsEmpty)
            return end > start ? [(_start + start, end - start)] : [];
        var stretches = ImmutableArray.CreateBuilder<(int, int)>(1);
        for (int piece = PieceAt(start); piece < _pieces.Length && _pieces[piece].Index < end; piece++)
        {
            int pieceEnd = piece + 1 < _pieces.Length ? _pieces[piece + 1].Index : Text.Length;
            int from = Math.Max(start, _pieces[piece].Index);
            int to = Math.Min(end, pieceEnd);
            if (to > from)
                stretches.Add((_pieces[piece].Source + (from - _pieces[piece].Index), to - from));
        }
        return stretches.ToImmutable();
    }

    private int PieceAt(int index)
    {
        int low = 0, high = _pieces.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_pieces[middle].Index <= index)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    /// <param name="Index">Where the piece begins in the joined text.</param>
    /// <param name="Source">Where it begins in the file.</param>
    internal readonly record struct Piece(int Index, int Source);
}
