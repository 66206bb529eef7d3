using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;
using Microsoft.Extensions.FileSystemGlobbing;

namespace Devloop.Config;

/// <summary>Holds a project against the disk: what it names must be there and of the right sort.</summary>
public static class ProjectCheck
{
    public static ImmutableArray<Diagnostic> Check(Project project, IFileTree files)
    {
        var problems = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (ImageTarget image in project.Images)
        {
            CheckContext(image, files, problems);
            // A Dockerfile in a context that is missing is missing for that reason.
            bool inMissing = files.KindOf(image.Context) == PathKind.Missing && image.Dockerfile?.StartsWith(image.Context + "/", StringComparison.Ordinal) == true;
            if (image.Dockerfile is not null && !inMissing)
                CheckDockerfile(image, files, problems);
        }
        if (project.Builder is BuilderSettings.BuildKit { Tls: { } tls })
            CheckTls(tls, files, problems);
        foreach (ManifestSource source in project.Manifests)
        {
            if (ManifestFiles(source, files).IsEmpty)
                problems.Add(NoManifest(source, files));
        }
        return problems.ToImmutable();
    }

    /// <summary>The files of a manifest source, relative to the project, in ordinal order.</summary>
    public static ImmutableArray<string> ManifestFiles(ManifestSource source, IFileTree files)
    {
        if (source.Path.AsSpan().IndexOfAny("*?") >= 0)
        {
            string fixedPart = FixedPart(source.Path);
            var matcher = new Matcher(StringComparison.Ordinal);
            matcher.AddInclude(source.Path);
            return [.. matcher.Match(files.FilesBelow(fixedPart)).Files.Select(f => f.Path).Order(StringComparer.Ordinal)];
        }
        return files.KindOf(source.Path) switch
        {
            PathKind.File => [source.Path],
            PathKind.Directory => [.. files.FilesBelow(source.Path).Where(IsManifest)],
            _ => [],
        };
    }

    /// <summary>The directory of a glob above its first wildcard.</summary>
    public static string FixedPart(string glob)
    {
        string[] parts = glob.Split('/');
        string fixedPart = string.Join('/', parts.TakeWhile(p => p.AsSpan().IndexOfAny("*?") < 0));
        return fixedPart.Length == 0 ? "." : fixedPart;
    }

    public static bool IsManifest(string path) =>
        path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static void CheckContext(ImageTarget image, IFileTree files, ImmutableArray<Diagnostic>.Builder problems)
    {
        switch (files.KindOf(image.Context))
        {
            case PathKind.Directory:
                return;
            case PathKind.Missing:
                problems.Add(Diagnostic.Error(DiagnosticCode.MissingFile, $"context `{image.Context}` of image `{image.Name}` does not exist") with
                {
                    At = image.At,
                    Help = Nearest(image.Context, files) ?? "`context:` is relative to the config",
                });
                return;
            default:
                problems.Add(Diagnostic.Error(DiagnosticCode.NotAFile, $"context `{image.Context}` of image `{image.Name}` is not a directory") with
                {
                    At = image.At,
                    Help = "a context is the directory that `COPY` reads from",
                });
                return;
        }
    }

    private static void CheckDockerfile(ImageTarget image, IFileTree files, ImmutableArray<Diagnostic>.Builder problems)
    {
        switch (files.KindOf(image.Dockerfile!))
        {
            case PathKind.File:
                return;
            case PathKind.Missing:
                problems.Add(Diagnostic.Error(DiagnosticCode.MissingFile, $"Dockerfile `{image.Dockerfile}` of image `{image.Name}` does not exist") with
                {
                    At = image.At,
                    Help = Nearest(image.Dockerfile!, files) ?? "`dockerfile:` is relative to the config, not to the context",
                });
                return;
            default:
                problems.Add(Diagnostic.Error(DiagnosticCode.NotAFile, $"Dockerfile `{image.Dockerfile}` of image `{image.Name}` is not a file") with
                {
                    At = image.At,
                    Help = files.KindOf(image.Dockerfile + "/Dockerfile") == PathKind.File
                        ? $"a file of the usual name stands in it: `{image.Dockerfile}/Dockerfile`"
                        : "`dockerfile:` names the file itself",
                });
                return;
        }
    }

    private static void CheckTls(BuilderTls tls, IFileTree files, ImmutableArray<Diagnostic>.Builder problems)
    {
        foreach (NamedFile file in tls.Files.Where(f => files.KindOf(f.Path) != PathKind.File))
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.MissingFile, $"`{file.Path}` in `tls` of `builder` does not exist") with
            {
                At = file.At,
                Help = Nearest(file.Path, files) ?? "the paths of `tls` are relative to the config",
            });
        }
    }

    private static Diagnostic NoManifest(ManifestSource source, IFileTree files)
    {
        bool glob = source.Path.AsSpan().IndexOfAny("*?") >= 0;
        bool directory = !glob && files.KindOf(source.Path) == PathKind.Directory;
        string message = glob ? $"no file matches `{source.Path}`" : directory ? $"directory `{source.Path}` has no manifests" : $"manifest `{source.Path}` does not exist";
        return Diagnostic.Error(DiagnosticCode.MissingFile, message) with
        {
            At = source.At,
            Help = (directory || glob ? null : Nearest(source.Path, files)) ?? "manifests are `.yaml`, `.yml` and `.json` files, relative to the config",
        };
    }

    /// <summary>A file or directory with a similar name beside the missing one.</summary>
    internal static string? Nearest(string path, IFileTree files)
    {
        int slash = path.LastIndexOf('/');
        string directory = slash < 0 ? "." : path[..slash];
        if (files.KindOf(directory) != PathKind.Directory)
            return null;
        string prefix = directory == "." ? "" : directory + "/";
        IEnumerable<string> beside = files.FilesBelow(directory)
            .Where(f => f.StartsWith(prefix, StringComparison.Ordinal))
            .Select(f => f[prefix.Length..].Split('/')[0])
            .Distinct(StringComparer.Ordinal);
        return NearestName.Of(path[(slash + 1)..], beside) is { } near ? $"a similar name exists: `{prefix}{near}`" : null;
    }
}
