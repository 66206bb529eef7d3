using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Devloop.Adapters.Files;
using Devloop.Adapters.ManifestTools;
using Devloop.Cli.Commands;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Manifests;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Cli.Setup;

/// <summary>The project that a command works on: read once at the start, and again whenever its files change.</summary>
internal sealed class ProjectSource
{
    private readonly string _configFile;
    private readonly ManifestMemory _manifests = new();
    private readonly ManifestRenderer _renderer = new(new ManifestTool());
    private readonly BuildPlatform _platform;
    private readonly Dictionary<string, string> _environment;

    public ProjectSource(Settings settings)
    {
        string path = Path.GetFullPath(settings.File);
        Files = new FileTree(Path.GetDirectoryName(path) ?? path);
        _configFile = Path.GetFileName(path);
        _platform = new BuildPlatform("linux", RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64");
        _environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
    }

    public IFileTree Files { get; }

    /// <summary>The environment as it was when the command began.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    public Parsed<ResolvedProject> Load() => Files.KindOf(_configFile) == PathKind.Missing
        ? new Parsed<ResolvedProject>(null, [NotFound()])
        : ProjectLoader.Load(Files, _configFile, _environment, _platform, _renderer, _manifests);

    private Diagnostic NotFound() => Diagnostic.Error(DiagnosticCode.ConfigNotFound, $"there is no `{_configFile}` here") with
    {
        Label = Files.Root,
        Help = "`-f FILE` names a config that stands elsewhere",
    };

    /// <summary>The project, or its problems shown and null.</summary>
    public ResolvedProject? LoadOrShow(Settings settings)
    {
        Parsed<ResolvedProject> loaded = Load();
        if (loaded.TryGet(out ResolvedProject? project))
            return project;
        Report.Show(settings, loaded.Diagnostics);
        return null;
    }
}
