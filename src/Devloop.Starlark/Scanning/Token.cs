using System.Collections.Immutable;
using System.Numerics;

namespace Devloop.Starlark.Scanning;

/// <param name="Literal">What an identifier or a literal says; null for other kinds.</param>
public sealed record Token(TokenKind Kind, Span Span, Literal? Literal = null);

/// <summary>What a token denotes.</summary>
public abstract record Literal
{
    private Literal() { }

    /// <summary>The name of an identifier.</summary>
    public sealed record Name(string Value) : Literal;

    public sealed record Text(string Value) : Literal;

    public sealed record Bytes(ImmutableArray<byte> Value) : Literal;

    /// <summary>Of any magnitude; never negative, for the sign is an operator.</summary>
    public sealed record Int(BigInteger Value) : Literal;

    /// <summary>Finite and never negative.</summary>
    public sealed record Float(double Value) : Literal;
}

/// <summary>What scanning gave: tokens to the end of the text whatever it holds, and all that is wrong with it.</summary>
/// <param name="Problems">In the order of their places.</param>
public sealed record Scan(ImmutableArray<Token> Tokens, ImmutableArray<Problem> Problems);
