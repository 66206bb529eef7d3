using System.Text;
using Devloop.Starlark.Scanning;

namespace Devloop.Starlark.Tests.Scanning;

public sealed class StringTests
{
    [Theory]
    [InlineData("'abc'", "abc")]
    [InlineData("\"it's\"", "it's")]
    [InlineData("''", "")]
    [InlineData("'''a'b''c'''", "a'b''c")]
    [InlineData("\"\"\"a\nb\"\"\"", "a\nb")]
    [InlineData("'''a\r\nb'''", "a\nb")]
    [InlineData("'a\\\nb'", "ab")]
    [InlineData("'a\\\r\nb'", "ab")]
    [InlineData("'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"'", "\a\b\f\n\r\t\v\\'\"")]
    [InlineData("'\\0'", "\0")]
    [InlineData("'\\12'", "\n")]
    [InlineData("'\\101-\\132'", "A-Z")]
    [InlineData("'\\119'", "\t9")]
    [InlineData("'\\x41-\\x5A'", "A-Z")]
    [InlineData("'\\u0041\\u754c'", "A界")]
    [InlineData("'\\U0001F600'", "😀")]
    [InlineData("'😀 # no comment'", "😀 # no comment")]
    [InlineData("r'a\\nb'", "a\\nb")]
    [InlineData("r'a\\'b'", "a\\'b")]
    [InlineData("r'a\\\nb'", "a\\\nb")]
    [InlineData("r'\\\\'", "\\\\")]
    [InlineData("r'''a\\d'''", "a\\d")]
    public void Text_is_what_its_literal_denotes(string literal, string value) => Scanned.Literal(literal).ShouldBe(new Literal.Text(value));

    [Theory]
    [InlineData("b'abc'", "616263")]
    [InlineData("b\"\"\"a\nb\"\"\"", "610A62")]
    [InlineData("b'\\xff\\377\\0'", "FFFF00")]
    [InlineData("b'\\u0414'", "D094")]
    [InlineData("b'Д😀'", "D094F09F9880")]
    [InlineData("rb'\\x00'", "5C783030")]
    [InlineData("br'\\n'", "5C6E")]
    public void Bytes_hold_text_as_UTF_8_and_any_byte_as_an_escape(string literal, string hex) =>
        Convert.ToHexString([.. Scanned.Literal(literal).ShouldBeOfType<Literal.Bytes>().Value]).ShouldBe(hex);

    [Theory]
    [InlineData("'\\d'", "1:2 `\\d` is not an escape; a backslash is written `\\\\`")]
    [InlineData("'\\x4'", "1:2 `\\x` takes two hexadecimal digits")]
    [InlineData("'\\u12'", "1:2 `\\u` takes 4 hexadecimal digits")]
    [InlineData("'\\uD800'", "1:2 `\\uD800` is not a character")]
    [InlineData("'\\U00110000'", "1:2 `\\U00110000` is not a character")]
    [InlineData("'ab\\x80'", "1:4 the escape is larger than 127; `\\u` writes other characters")]
    [InlineData("'\\400'", "1:2 the escape is larger than 127; `\\u` writes other characters")]
    [InlineData("b'\\400'", "1:3 the escape is larger than a byte")]
    public void A_wrong_escape_is_told_where_it_stands(string literal, string problem) => Scanned.Problems(literal).ShouldBe([problem]);

    [Theory]
    [InlineData("'abc", "the text is not closed on its line")]
    [InlineData("'abc\nx\n", "the text is not closed on its line")]
    [InlineData("'''abc\nx\n", "the text is not closed")]
    [InlineData("'abc\\", "the text is not closed on its line")]
    [InlineData("r'abc\\'", "the text is not closed on its line")]
    public void An_open_literal_is_told_where_it_begins(string text, string problem) => Scanned.Problems(text).ShouldBe(["1:1 " + problem]);

    [Theory]
    [InlineData("r 'a'", "r \"a\" newline")]
    [InlineData("rx", "rx newline")]
    [InlineData("f'a'", "f \"a\" newline")]
    [InlineData("'a''b'", "\"a\" \"b\" newline")]
    public void Only_the_prefixes_of_the_language_are_prefixes(string text, string tokens) => Scanned.Tokens(text).ShouldBe(tokens);

    [Fact]
    public void The_same_literal_as_bytes_is_its_text_as_UTF_8()
    {
        foreach (string literal in new[] { "'a\\tb'", "'\\u0414'", "'''x\ny'''", "r'\\w'" })
        {
            string text = ((Literal.Text)Scanned.Literal(literal)).Value;
            ((Literal.Bytes)Scanned.Literal("b" + literal)).Value.ShouldBe(Encoding.UTF8.GetBytes(text));
        }
    }
}
