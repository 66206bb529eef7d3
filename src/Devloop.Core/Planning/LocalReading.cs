using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>Makes resources of local commands, and holds what the config says of them against the disk and against what else there is.</summary>
internal static class LocalReading
{
    public static ImmutableArray<ResourceDefinition> Read(Project project, IFileTree files, ImmutableArray<ResourceDefinition> others, ImmutableArray<Diagnostic>.Builder problems)
    {
        var definitions = ImmutableArray.CreateBuilder<ResourceDefinition>();
        foreach (LocalCommand local in project.Locals)
        {
            Parsed<IgnoreRules> ignore = IgnoreRules.Of(local.Ignore, local.At);
            problems.AddRange(ignore.Diagnostics);
            CheckPaths(project, local, files, problems);
            if (others.Any(o => o.Name == local.Name))
            {
                problems.Add(Diagnostic.Error(DiagnosticCode.LocalNameTaken, $"`{local.Name}` is a local command and a resource of the manifests") with
                {
                    At = local.At,
                    Help = "one name is one thing: the local command gets another",
                });
            }
            var definition = new LocalDefinition(files.Root, local, ignore.Value ?? IgnoreRules.Empty, path => files.KindOf(path) == PathKind.Directory);
            definitions.Add(new ResourceDefinition { Name = local.Name, Settings = local.Settings, Objects = [], Targets = [], ObjectsHash = definition.Hash, Local = definition });
        }
        return definitions.ToImmutable();
    }

    /// <summary>What hangs together with images and resources; asked only when all of them could be read.</summary>
    public static void AddCycle(ResolvedProject project, ImmutableArray<Diagnostic>.Builder problems)
    {
        if (project.Config.Locals.IsEmpty || Producers.CycleIn(project) is not { } cycle)
            return;
        problems.Add(Diagnostic.Error(DiagnosticCode.ResourceCycle, $"these wait for one another: {string.Join(" → ", cycle)}") with
        {
            At = project.Config.Locals.FirstOrDefault(l => cycle.Contains($"local command `{l.Name}`"))?.At,
            Help = "a `depends_on`, a `deps` or a `produces` among them goes",
        });
    }

    private static void CheckPaths(Project project, LocalCommand local, IFileTree files, ImmutableArray<Diagnostic>.Builder problems)
    {
        foreach (string dep in local.Deps)
        {
            bool glob = dep.AsSpan().IndexOfAny("*?") >= 0;
            string needed = glob ? ProjectCheck.FixedPart(dep) : dep;
            if (files.KindOf(needed) == PathKind.Missing && !IsProduced(project, needed))
                problems.Add(Missing($"`{needed}` in `deps` of local command `{local.Name}` does not exist", needed, local, files));
        }
        foreach ((string key, string directory) in new[] { ("dir", local.Directory), ("serve_dir", local.ServeDirectory) }.DistinctBy(d => d.Item2))
        {
            PathKind kind = files.KindOf(directory);
            if (kind == PathKind.Missing && !IsProduced(project, directory))
                problems.Add(Missing($"`{key}` of local command `{local.Name}`, `{directory}`, does not exist", directory, local, files));
            else if (kind is PathKind.File or PathKind.Other)
                problems.Add(Diagnostic.Error(DiagnosticCode.NotAFile, $"`{key}` of local command `{local.Name}`, `{directory}`, is not a directory") with { At = local.At });
        }
    }

    /// <summary>Something that a local command writes need not be there yet.</summary>
    internal static bool IsProduced(Project project, string path) => project.Locals.SelectMany(l => l.Produces).Any(p => ProjectPath.Below(p, path) is not null || ProjectPath.Below(path, p) is not null);

    private static Diagnostic Missing(string message, string path, LocalCommand local, IFileTree files) => Diagnostic.Error(DiagnosticCode.MissingFile, message) with
    {
        At = local.At,
        Help = ProjectCheck.Nearest(path, files) ?? "it is relative to the config; what another local command writes stands in its `produces`",
    };
}
