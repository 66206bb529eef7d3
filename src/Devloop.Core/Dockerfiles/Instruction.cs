using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>One instruction of a Dockerfile, read but not expanded.</summary>
public sealed record Instruction
{
    /// <summary>The name in upper case, such as <c>COPY</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The joined text that it was read from.</summary>
    public required LogicalLine Line { get; init; }

    /// <summary>Where in <see cref="Line"/> the name begins.</summary>
    internal int Start { get; init; }

    /// <summary>Where in <see cref="Line"/> the arguments begin.</summary>
    internal int ArgumentsStart { get; init; }

    /// <summary>The index in <see cref="Line"/> after the last character that is no space.</summary>
    internal int End { get; init; }

    /// <summary>From the name to the last character before heredocs.</summary>
    public SourceSpan Span => Line.Span(Start, End);

    /// <summary>The <c>--name=value</c> words before the arguments, in order.</summary>
    public ImmutableArray<Flag> Flags { get; init; } = [];

    /// <summary>All that follows the flags, trimmed, with continuations joined.</summary>
    public string Arguments => Line.Text[ArgumentsStart..End];

    /// <summary>
    /// The arguments as words: the strings of the JSON form; else split as the instruction splits them. One word for instructions that
    /// take a text (RUN, CMD, WORKDIR ...), <c>NAME</c> or <c>NAME=value</c> words for ARG; empty for ENV and LABEL, see <see cref="Pairs"/>.
    /// </summary>
    public ImmutableArray<Word> Words { get; init; } = [];

    /// <summary>The names and values of ENV, LABEL and ARG; quotes are still in the values.</summary>
    public ImmutableArray<NamedValue> Pairs { get; init; } = [];

    /// <summary>The arguments are a JSON array of strings.</summary>
    public bool IsJson { get; init; }

    public ImmutableArray<Heredoc> Heredocs { get; init; } = [];

    /// <summary>What ONBUILD will run.</summary>
    public Instruction? Trigger { get; init; }

    /// <summary>The line it begins on, from 1.</summary>
    public int FirstLine => Span.Line;

    public Flag? Flag(string name) => Flags.FirstOrDefault(f => f.Name == name);

    public IEnumerable<Flag> FlagsNamed(string name) => Flags.Where(f => f.Name == name);

    public override string ToString() => Line.Text.Trim();
}

/// <summary>A word of an instruction: its text, and where it stands in the joined line.</summary>
/// <param name="Text">The word as the instruction takes it; variables are not expanded.</param>
/// <param name="End">The index after the last character.</param>
public readonly record struct Word(LogicalLine Line, int Start, int End, string Text)
{
    public SourceSpan Span => Line.Span(Start, End);

    public override string ToString() => Text;
}

/// <summary>A name and, unless an ARG gave none, a value.</summary>
public readonly record struct NamedValue(string Name, string? Value);

/// <summary>A flag before the arguments. Quotes and backslashes are taken out of its text.</summary>
/// <param name="Value">Null when there is no <c>=</c>.</param>
/// <param name="ValueStart">Where the value begins in the flag's unquoted text.</param>
public sealed record Flag(string Name, string? Value, int ValueStart, Word Whole)
{
    /// <summary>For each character of the unquoted text its index in the joined line; default when nothing was taken out.</summary>
    internal ImmutableArray<int> Indexes { get; init; }

    /// <summary>For each character of the unquoted text the quote it stood in, or <c>\0</c>; default when nothing was taken out.</summary>
    internal ImmutableArray<char> Quotes { get; init; }

    /// <summary>The index in the joined line of a character of the unquoted text.</summary>
    internal int IndexOf(int character) => Indexes.IsDefault ? Whole.Start + character : Indexes[character];

    /// <summary>Where a stretch of the unquoted text is written; it holds one character or more.</summary>
    internal SourceSpan Span(int start, int end) => Whole.Line.Span(IndexOf(start), IndexOf(end - 1) + 1);

    /// <summary>The quote that a character of the unquoted text stands in, or <c>\0</c>.</summary>
    internal char QuoteAt(int character) => Quotes.IsDefault ? '\0' : Quotes[character];
}

/// <summary>A here-document.</summary>
/// <param name="Name">The word that ends it, without quotes.</param>
/// <param name="Content">Its lines with their ends, as in the file.</param>
/// <param name="Expands">False when the word is quoted: variables stay as they are.</param>
/// <param name="StripsTabs">Written as <c>&lt;&lt;-</c>: leading tabs are taken off.</param>
public sealed record Heredoc(string Name, string Content, bool Expands, bool StripsTabs, SourceSpan Span)
{
    /// <summary>The content as the build sees it.</summary>
    public string Body => StripsTabs ? string.Concat(Content.Split('\n').Select((line, i) => (i == 0 ? "" : "\n") + line.TrimStart('\t'))) : Content;
}
