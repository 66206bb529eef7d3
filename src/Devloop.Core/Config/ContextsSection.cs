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
    private const string LayoutScheme = "oci-layout://";

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
        if (text.StartsWith(ImageScheme, StringComparison.Ordinal))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{text[ImageScheme.Length..]}` is not an image reference") with
            {
                At = entry.Value.At,
                Help = "a reference is written as `[registry/]name[:tag][@digest]`, in lower case",
            });
            return null;
        }
        if (!text.Contains("://", StringComparison.Ordinal) && !text.StartsWith("git@", StringComparison.Ordinal))
            return new NamedContext.Directory(ProjectPath.Clean(text), entry.Value.At);
        section.Report(Diagnostic.Error(DiagnosticCode.NotSupported, text.StartsWith(LayoutScheme, StringComparison.Ordinal)
            ? $"context `{entry.Key.Value}` is an OCI layout, which is not supported by this version"
            : $"context `{entry.Key.Value}` is an address, which is not supported by this version") with
        {
            At = entry.Value.At,
            Help = text.StartsWith(LayoutScheme, StringComparison.Ordinal)
                ? "`docker-image://REFERENCE` takes an image from the engine or a registry; `docker load` and `skopeo copy` bring one there"
                : "a path is a directory, `target:NAME` an image of the project, `docker-image://REFERENCE` any other image",
        });
        return null;
    }
}
