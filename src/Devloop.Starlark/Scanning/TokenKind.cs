namespace Devloop.Starlark.Scanning;

/// <summary>The kinds of tokens of the language; its specification's "Lexical elements" and "Grammar reference".</summary>
public enum TokenKind
{
    /// <summary>The end of the text; always the last token, of length 0.</summary>
    EndOfFile,

    /// <summary>The end of a logical line that has tokens; of length 0 when the text ends without one.</summary>
    Newline,

    /// <summary>A line is indented deeper than the one before; its span is the indentation.</summary>
    Indent,

    /// <summary>A block ends; of length 0, one for each block.</summary>
    Outdent,

    /// <summary>What is no token of the language; a problem tells of it.</summary>
    Invalid,

    Identifier,
    Int,
    Float,
    String,
    Bytes,

    // Punctuation.
    Plus, Minus, Star, Slash, SlashSlash, Percent, StarStar,
    Tilde, Ampersand, Pipe, Caret, LessLess, GreaterGreater,
    Dot, Comma, Equal, Semicolon, Colon,
    LeftParen, RightParen, LeftBracket, RightBracket, LeftBrace, RightBrace,
    Less, Greater, GreaterEqual, LessEqual, EqualEqual, NotEqual,
    PlusEqual, MinusEqual, StarEqual, SlashEqual, SlashSlashEqual, PercentEqual,
    AmpersandEqual, PipeEqual, CaretEqual, LessLessEqual, GreaterGreaterEqual,

    // Keywords.
    And, Break, Continue, Def, Elif, Else, For, If, In, Lambda, Load, Not, Or, Pass, Return,
}
