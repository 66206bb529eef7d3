using System.Collections.Immutable;
using System.Globalization;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads one entry of <c>resources:</c>.</summary>
internal static class ResourceSection
{
    public static ResourceSettings Read(YamlEntry entry, ICollection<Diagnostic> problems)
    {
        string name = entry.Key.Value;
        if (entry.Value is not YamlMapping map)
        {
            if (entry.Value is not YamlScalar { IsNull: true })
                problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, $"resource `{name}` is a mapping") with { At = entry.Value.At });
            return new ResourceSettings { At = entry.Key.At };
        }
        var section = new Section(map, $"resource `{name}`", problems);
        (ResourceName Name, SourceSpan At)[] needs = [.. section.Items("depends_on").Select(n => (Name: section.AsText(n, "an entry of `depends_on`"), n.At)).Where(n => n.Name is not null).Select(n => (new ResourceName(n.Name!), n.At))];
        var settings = new ResourceSettings
        {
            PortForwards = [.. section.Items("port_forwards").Select(n => Forward(section, n)).OfType<PortForward>()],
            DependsOn = [.. needs.Select(n => n.Name)],
            DependsOnAt = needs.DistinctBy(n => n.Name).ToImmutableDictionary(n => n.Name, n => n.At),
            Labels = section.Texts("labels"),
            Links = section.Texts("links"),
            Objects = section.Texts("objects"),
            Log = LogSection.Read(section),
            AutoStart = section.Flag("auto_start", otherwise: true),
            AutoTrigger = Trigger(section),
            At = entry.Key.At,
        };
        section.Finish("a resource");
        return settings;
    }

    /// <summary><c>8080</c>, <c>"9000:8080"</c>, <c>"host:9000:8080"</c>, <c>"[::1]:9000:8080"</c>; the remote end may be the name of a port.</summary>
    private static PortForward? Forward(Section section, YamlNode node)
    {
        if (section.AsText(node, "an entry of `port_forwards`") is not { } text)
            return null;
        string[] parts = Parts(text);
        (string host, string local, string remote) = parts.Length switch
        {
            1 => ("127.0.0.1", parts[0], parts[0]),
            2 => ("127.0.0.1", parts[0], parts[1]),
            3 => (parts[0], parts[1], parts[2]),
            _ => ("", "", ""),
        };
        if (host.Length > 0 && Port(local) is { } port && (Port(remote) is not null || IsPortName(remote)))
            return new PortForward(host, port, remote) { RemoteGiven = parts.Length > 1 };
        section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{text}` is not a port forward") with
        {
            At = node.At,
            Label = "expected `8080`, \"9000:8080\" or \"host:9000:8080\"",
            Help = "ports are from 1 to 65535; a port with `:` in it stands in quotes",
        });
        return null;
    }

    /// <summary>IPv6 in brackets is one part, and loses them.</summary>
    private static string[] Parts(string text) =>
        text.StartsWith('[') && text.IndexOf("]:", StringComparison.Ordinal) is var end and > 0
            ? [text[1..end], .. text[(end + 2)..].Split(':')]
            : text.Split(':');

    private static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65535 ? port : null;

    /// <summary>RFC 6335: at most 15 letters, digits and hyphens, with a letter among them.</summary>
    private static bool IsPortName(string text) =>
        text.Length is > 0 and <= 15 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && text.Any(char.IsAsciiLetter);

    internal static bool Trigger(Section section)
    {
        string? trigger = section.Text("trigger");
        if (trigger is not (null or "auto" or "manual"))
            section.Bad("trigger", $"`{trigger}` is not a trigger", null, "the triggers are `auto` and `manual`");
        return trigger != "manual";
    }
}
