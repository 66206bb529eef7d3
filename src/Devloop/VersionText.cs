using System.Reflection;

namespace Devloop.Cli;

internal static class VersionText
{
    /// <summary>Such as <c>0.1.0</c>, with the commit when the build knew it.</summary>
    public static string Version { get; } =
        typeof(VersionText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
