using Devloop.Testing.Fuzzing;

namespace Devloop.Core.Tests.House;

/// <summary>A short run of the fuzzer; the bench has the long one.</summary>
public class FuzzTests
{
    [Theory]
    [InlineData("dockerfile")]
    [InlineData("ignore")]
    [InlineData("yaml")]
    public void Reading_what_nobody_would_write_never_throws_and_comes_to_an_end(string name) =>
        FuzzRun.Run(FuzzTarget.All.Single(t => t.Name == name), iterations: 5_000, seed: 20).ShouldBeNull();
}
