using System.Globalization;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Who owns what an instruction brings, as <c>--chown</c> says it.</summary>
/// <param name="Known">By numbers; null when it is said by a name, which only the image itself can turn into one.</param>
/// <param name="Name">What is written; null when nothing is.</param>
/// <param name="Step">A name means the same only in one and the same instruction: the users of an image may change between two.</param>
internal sealed record LiveOwner(FileOwner? Known, string? Name, int Step)
{
    public static LiveOwner Root { get; } = new(FileOwner.Root, null, 0);

    /// <summary>Reads <c>user[:group]</c>. A user by number without a group has the group of that number; BuildKit's rule.</summary>
    public static LiveOwner Of(string? chown, int step)
    {
        if (chown is null)
            return Root;
        string[] parts = chown.Split(':');
        return parts.Length <= 2 && Number(parts[0]) is { } user && Number(parts[^1]) is { } group
            ? new LiveOwner(new FileOwner(user, group), null, 0)
            : new LiveOwner(null, chown, step);
    }

    /// <summary>The user of every system that has the number 0 is called root.</summary>
    private static int? Number(string text) =>
        text == "root" ? 0 : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
