using System.Globalization;
using System.Numerics;
using Devloop.Starlark.Scanning;

namespace Devloop.Starlark.Tests.Scanning;

public sealed class NumberTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("123", "123")]
    [InlineData("0x7f", "127")]
    [InlineData("0XfF", "255")]
    [InlineData("0xffffffffffffffffffff", "1208925819614629174706175")]
    [InlineData("0o755", "493")]
    [InlineData("0O17", "15")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    public void Ints_have_any_size_and_three_bases(string text, string value) =>
        Scanned.Literal(text).ShouldBe(new Literal.Int(BigInteger.Parse(value, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("0.0", 0.0)]
    [InlineData("0.", 0.0)]
    [InlineData(".5", 0.5)]
    [InlineData("1e10", 1e10)]
    [InlineData("1e+10", 1e10)]
    [InlineData("1E-10", 1e-10)]
    [InlineData("1.1e10", 1.1e10)]
    [InlineData("00.5", 0.5)]
    [InlineData("1.e3", 1000.0)]
    public void Floats_have_a_point_or_an_exponent(string text, double value) => Scanned.Literal(text).ShouldBe(new Literal.Float(value));

    [Theory]
    [InlineData("0x", "`0x` has no digits")]
    [InlineData("0o8", "`0o` has no digits")]
    [InlineData("017", "`017` begins with 0; octal is written `0o17`")]
    [InlineData("0b1", "`0b1` is not a number")]
    [InlineData("1x", "`1x` is not a number")]
    [InlineData("1_000", "`1_000` is not a number")]
    [InlineData("1e", "`1e` is not a number")]
    [InlineData("1e400", "the number is too large for a float")]
    public void A_number_that_is_none_is_told(string text, string problem) => Scanned.Problems(text).ShouldBe(["1:1 " + problem]);

    [Fact]
    public void A_dot_after_a_name_is_no_number() => Scanned.Tokens("x.real + 1.5.y").ShouldBe("x . real + 1.5f . y newline");
}
