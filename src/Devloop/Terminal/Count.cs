using System.Globalization;

namespace Devloop.Cli.Terminal;

public static class Count
{
    /// <summary><c>1 image</c>, <c>2 images</c>.</summary>
    public static string Of(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
