using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Dockerfiles;

public enum MentionKind
{
    From,

    /// <summary><c>COPY --from</c>.</summary>
    CopyFrom,

    /// <summary><c>from</c> in <c>RUN --mount</c>.</summary>
    MountFrom,
}

/// <summary>
/// A place where a Dockerfile names an image: not a stage, not <c>scratch</c>. Two are equal when they are the same place.
/// </summary>
public sealed record ImageMention
{
    public required MentionKind Kind { get; init; }

    /// <summary>The index of the stage that it stands in.</summary>
    public required int Stage { get; init; }

    public required Instruction Instruction { get; init; }

    /// <summary>It stands in ONBUILD: what is built on this image reads it, the image itself does not.</summary>
    public bool InTrigger { get; init; }

    /// <summary>The reference as it is written: <c>${BASE}</c>, not its value.</summary>
    public required SourceSpan Span { get; init; }

    /// <summary>The reference with variables in place.</summary>
    public required string Text { get; init; }

    /// <summary>The stretches of the file that make up the written reference; a continuation cuts it in two.</summary>
    internal ImmutableArray<(int Start, int Length)> Stretches { get; init; } = [];

    /// <summary>A quote to close before a replacement, because the written reference begins in quotes that end inside it.</summary>
    internal string Opening { get; init; } = "";

    /// <summary>A quote to open again after a replacement.</summary>
    internal string Closing { get; init; } = "";

    /// <summary>The text as a reference; null when it is none.</summary>
    public ImageReference? Reference => ImageReference.TryParse(Text, out ImageReference? reference) ? reference : null;

    public bool Equals(ImageMention? other) => other is not null && Span.Equals(other.Span) && Kind == other.Kind && Text == other.Text;

    public override int GetHashCode() => HashCode.Combine(Span.Start, Span.Length, Kind, Text);

    internal static ImageMention OfWord(MentionKind kind, int stage, Instruction instruction, Word word, string text) => new()
    {
        Kind = kind,
        Stage = stage,
        Instruction = instruction,
        Span = word.Span,
        Text = text,
        Stretches = word.Line.Stretches(word.Start, word.End),
    };

    /// <summary>A reference that is a part of a flag's unquoted text.</summary>
    internal static ImageMention OfFlag(MentionKind kind, int stage, Instruction instruction, Flag flag, int start, int end, string text)
    {
        char quoteBefore = flag.QuoteAt(start), quoteAfter = flag.QuoteAt(end - 1);
        bool uneven = quoteBefore != quoteAfter;
        LogicalLine line = flag.Whole.Line;
        int from = flag.IndexOf(start), to = flag.IndexOf(end - 1) + 1;
        return new ImageMention
        {
            Kind = kind,
            Stage = stage,
            Instruction = instruction,
            Span = line.Span(from, to),
            Text = text,
            Stretches = line.Stretches(from, to),
            Opening = uneven && quoteBefore != '\0' ? quoteBefore.ToString() : "",
            Closing = uneven && quoteAfter != '\0' ? quoteAfter.ToString() : "",
        };
    }
}
