namespace Devloop.Core.Tests;

internal static class FirstOf
{
    /// <summary>The first of some things, of which there must be one.</summary>
    public static T ShouldNotBeEmpty_First<T>(this IEnumerable<T> things)
    {
        T[] all = [.. things];
        all.ShouldNotBeEmpty();
        return all[0];
    }
}
