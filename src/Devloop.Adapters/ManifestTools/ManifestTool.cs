using Devloop.Adapters.Processes;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.ManifestTools;

/// <summary>Runs <c>kustomize</c>, or the one that <c>kubectl</c> has built in, and <c>helm</c>, as the user would; no shell is between.</summary>
public sealed class ManifestTool : IManifestTool
{
    /// <summary>A kustomization may have remote bases, which are fetched.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public ManifestToolResult Render(RenderedManifests source, string root)
    {
        ArgumentNullException.ThrowIfNull(source);
        string[][] commands = source switch
        {
            RenderedManifests.Kustomize kustomize => [["kustomize", "build", Full(root, kustomize.Directory)], ["kubectl", "kustomize", Full(root, kustomize.Directory)]],
            RenderedManifests.Helm helm => [HelmCommand(helm, root)],
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        foreach (string[] command in commands)
        {
            if (Run(command) is { } result)
                return result;
        }
        return new ManifestToolResult.Missing(commands[0][0]);
    }

    private static string[] HelmCommand(RenderedManifests.Helm helm, string root) =>
    [
        "helm", "template", helm.Release, Full(root, helm.Chart), "--include-crds", "--skip-tests",
        .. helm.Namespace is { } space ? (string[])["--namespace", space] : [],
        .. helm.Values.SelectMany(v => (string[])["--values", Full(root, v)]),
        .. helm.Set.SelectMany(s => (string[])[s.IsText ? "--set-string" : "--set", $"{s.Path}={Escaped(s.Value)}"]),
    ];

    /// <summary>In helm's language of values a comma begins the next one and a brace a list; a backslash takes that away.</summary>
    private static string Escaped(string value) =>
        (value.StartsWith('{') ? "\\" : "") + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);

    private static string Full(string root, string path) => Path.GetFullPath(Path.Combine(root, path));

    /// <returns>Null when there is no such program.</returns>
    private static ManifestToolResult? Run(string[] command)
    {
        string shown = string.Join(' ', command.Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return ToolProcess.RunAsync(command[0], command.Skip(1), "", patience.Token).GetAwaiter().GetResult() switch
            {
                null => null,
                { ExitCode: 0 } good => new ManifestToolResult.Rendered(good.Output),
                var bad => new ManifestToolResult.Failed(shown, bad.Error),
            };
        }
        catch (OperationCanceledException)
        {
            return new ManifestToolResult.Failed(shown, $"it did not end within {Patience.TotalMinutes:0} minutes");
        }
    }
}
