using Devloop.Starlark.Scanning;

namespace Devloop.Starlark.Tests.Scanning;

public sealed class TokenTests
{
    [Theory]
    [InlineData("+ - * / // % ** ~ & | ^ << >> . , = ; : ( ) [ ] { } < > >= <= == != += -= *= /= //= %= &= |= ^= <<= >>=")]
    [InlineData("and break continue def elif else for if in lambda load not or pass return")]
    [InlineData("None True len _ x1 größe 名前 index_of")]
    public void Each_word_is_one_token(string text)
    {
        Scanned.Tokens(text).ShouldBe(text + " newline");
        Scanned.Problems(text).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a//=b", "a //= b newline")]
    [InlineData("a**b", "a ** b newline")]
    [InlineData("a<<=b>>c", "a <<= b >> c newline")]
    [InlineData("x.y", "x . y newline")]
    [InlineData("notx", "notx newline")]
    [InlineData("f(*a,**k)", "f ( * a , ** k ) newline")]
    [InlineData("x==-1", "x == - 1 newline")]
    public void The_longest_token_wins(string text, string tokens) => Scanned.Tokens(text).ShouldBe(tokens);

    [Fact]
    public void Keywords_have_kinds_of_their_own() =>
        Scanned.Of("lambda x: not x").Tokens.Select(t => t.Kind).ShouldBe(
            [TokenKind.Lambda, TokenKind.Identifier, TokenKind.Colon, TokenKind.Not, TokenKind.Identifier, TokenKind.Newline, TokenKind.EndOfFile]);

    [Theory]
    [InlineData("as")]
    [InlineData("class")]
    [InlineData("import")]
    [InlineData("while")]
    [InlineData("yield")]
    public void A_reserved_word_is_no_name(string word) => Scanned.Problems(word).ShouldBe([$"1:1 `{word}` is reserved and cannot be a name"]);

    [Theory]
    [InlineData("a ? b", "1:3 `?` is no part of the language")]
    [InlineData("a $", "1:3 `$` is no part of the language")]
    [InlineData("@f", "1:1 `@` is no part of the language")]
    [InlineData("!a", "1:1 `!` is no part of the language; not is written `not`")]
    [InlineData("a\\b", "1:2 `\\` is no part of the language")]
    [InlineData("a\0", "1:2 `U+0000` is no part of the language")]
    [InlineData("x = 😀", "1:5 `😀` is no part of the language")]
    public void What_is_no_token_is_told_with_its_place(string text, string problem) => Scanned.Problems(text).ShouldBe([problem]);

    [Fact]
    public void Every_problem_of_a_text_is_told() =>
        Scanned.Problems("a = ?\nb = 'open\nc = 09\n").ShouldBe(
        [
            "1:5 `?` is no part of the language",
            "2:5 the text is not closed on its line",
            "3:5 `09` begins with 0; octal is written `0o9`",
        ]);
}
