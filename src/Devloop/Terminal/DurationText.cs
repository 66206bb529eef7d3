using System.Globalization;

namespace Devloop.Cli.Terminal;

public static class DurationText
{
    /// <summary><c>0.4s</c>, <c>12.3s</c>, <c>1m04s</c>; below a tenth of a second <c>0.04s</c>.</summary>
    public static string Of(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(0.095))
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00}s");
        if (time < TimeSpan.FromSeconds(59.95))
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0}s");
        long seconds = (long)Math.Round(time.TotalSeconds);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}m{seconds % 60:00}s");
    }
}
