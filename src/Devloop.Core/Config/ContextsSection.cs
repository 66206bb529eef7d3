using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>contexts:</c> of an image.</summary>
internal static class ContextsSection
{
    private const string ImageScheme = "docker-image://";
    private const string TargetScheme = "target:";

    public static ImmutableSortedDictionary<string, NamedContext> Read(Section image)
    {
        var contexts = ImmutableSortedDictionary.CreateBuilder<string, NamedContext>(StringComparer.Ordinal);
        Section? section = image.Sub("contexts");
        foreach (YamlEntry entry in section?.Entries ?? [])
        {
            if (section!.AsText(entry.Value, $"`{entry.Key.Value}` in `contexts`") is { } text && Read(section, entry, text) is { } context)
                contexts[entry.Key.Value] = context;
        }
        return contexts.ToImmutable();
    }

    private static NamedContext? Read(Section section, YamlEntry entry, string text)
    {
        if (text.StartsWith(TargetScheme, StringComparison.Ordinal))
            return new NamedContext.Target(new ImageName(text[TargetScheme.Length..]), entry.Value.At);
        if (text.StartsWith(ImageScheme, StringComparison.Ordinal) && ImageReference.TryParse(text[ImageScheme.Length..], out ImageReference? reference))
            return new NamedContext.Image(reference, entry.Value.At);
        section.Report(text.StartsWith(ImageScheme, StringComparison.Ordinal)
            ? Diagnostic.Error(DiagnosticCode.BadValue, $"`{text[ImageScheme.Length..]}` is not an image reference") with { At = entry.Value.At, Help = "a reference is written as `[registry/]name[:tag][@digest]`, in lower case" }
            : Diagnostic.Error(DiagnosticCode.NotSupported, $"context `{entry.Key.Value}` is neither an image nor a target") with
            {
                At = entry.Value.At,
                Help = "`target:NAME` is an image of the project, `docker-image://REFERENCE` any other; directories and addresses are not supported by this version",
            });
        return null;
    }
}
