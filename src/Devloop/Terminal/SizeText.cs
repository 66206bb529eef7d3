using System.Globalization;

namespace Devloop.Cli.Terminal;

public static class SizeText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary><c>41.2/66.0 MB</c>: both in the unit of the total; thousands, as the docker client counts.</summary>
    public static string Of(long current, long total)
    {
        int unit = 0;
        double scale = 1;
        while (unit + 1 < Units.Length && total / scale >= 1000)
        {
            scale *= 1000;
            unit++;
        }
        string format = unit == 0 ? "0" : "0.0";
        return string.Create(CultureInfo.InvariantCulture, $"{(current / scale).ToString(format, CultureInfo.InvariantCulture)}/{(total / scale).ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}");
    }
}
