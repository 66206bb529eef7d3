namespace Devloop.Starlark.Tests;

public sealed class SourceTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(2, 1, 3)]
    [InlineData(3, 2, 1)]
    [InlineData(4, 3, 1)]
    [InlineData(6, 3, 3)]
    public void Lines_and_columns_count_from_one(int offset, int line, int column) =>
        new Source("a.star", "ab\n\ncd").PositionOf(offset).ShouldBe(new Position(line, column));
}
