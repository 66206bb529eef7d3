using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>
/// Nodes that are containers of an engine. An image goes from the engine's export straight into the program in each node that takes images
/// in, a piece at a time: nothing is stored in between, and the slowest node sets the pace.
/// </summary>
public sealed class DockerNodes(IDialer dialer) : INodeImages, IDisposable
{
    private const int PieceBytes = 256 * 1024;

    private readonly EngineClient _client = new(dialer);

    public void Dispose() => _client.Dispose();

    public Task<ImmutableArray<NodeContainer>> FindAsync(ImmutableArray<string> labels, CancellationToken cancellationToken) => Asking(async () =>
    {
        string filters = JsonSerializer.Serialize(new ContainerFilters(labels, ["running"]), EngineJson.Default.ContainerFilters);
        ListedContainer[] listed = await GetAsync("/containers/json?filters=" + Uri.EscapeDataString(filters), EngineJson.Default.ListedContainerArray, cancellationToken).ConfigureAwait(false) ?? [];
        return listed.Where(c => c is { Id: not null, Names: [_, ..] }).Select(c => new NodeContainer(c.Id!, c.Names![0].TrimStart('/'))).ToImmutableArray();
    });

    public Task<bool> HasAsync(ImageReference reference, ImageNode node, CancellationToken cancellationToken) => Asking(async () =>
    {
        await using ContainerExec? exec = await ContainerExec.StartAsync(_client, node.Container.Id, NodePrograms.Find(node.Runtime, reference), withInput: false, cancellationToken).ConfigureAwait(false);
        return exec is not null
            && await exec.EndAsync(cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var output }
            && !string.IsNullOrWhiteSpace(output);
    });

    public Task<Diagnostic?> LoadAsync(ImageReference reference, ImmutableArray<ImageNode> nodes, IProgress<BuildProgress> progress, CancellationToken cancellationToken) => Asking(async () =>
    {
        string name = Uri.EscapeDataString(reference.Familiar);
        long size = (await GetAsync($"/images/{name}/json", EngineJson.Default.EngineImage, cancellationToken).ConfigureAwait(false))?.Size ?? 0;
        using HttpResponseMessage export = await _client.SendAsync(HttpMethod.Get, $"/images/{name}/get", cancellationToken).ConfigureAwait(false);
        if (!export.IsSuccessStatusCode)
            return LoadFailure.Of(reference, nodes[0].Container.Name, "the engine does not have the image");
        var loads = new List<(ImageNode Node, ContainerExec Exec)>();
        try
        {
            foreach (ImageNode node in nodes)
            {
                if (await ContainerExec.StartAsync(_client, node.Container.Id, NodePrograms.Load(node.Runtime), withInput: true, cancellationToken).ConfigureAwait(false) is not { } exec)
                    return LoadFailure.Of(reference, node.Container.Name, "its container does not run");
                loads.Add((node, exec));
            }
            await CopyAsync(export, [.. loads.Select(l => l.Exec)], reference.Tag ?? "", size, progress, cancellationToken).ConfigureAwait(false);
            Diagnostic? failure = null;
            foreach ((ImageNode node, ContainerExec exec) in loads)
            {
                if (await exec.EndAsync(cancellationToken).ConfigureAwait(false) is { ExitCode: not 0 } end)
                    failure ??= LoadFailure.Of(reference, node.Container.Name, LastLine(end.Errors) ?? LastLine(end.Output) ?? "the program in the node said nothing");
            }
            return failure;
        }
        finally
        {
            foreach ((_, ContainerExec exec) in loads)
                await exec.DisposeAsync().ConfigureAwait(false);
        }
    });

    private static async Task CopyAsync(HttpResponseMessage export, ContainerExec[] loads, string layer, long size, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            Stream archive = await export.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            long sent = 0;
            for (int count; (count = await archive.ReadAsync(buffer.AsMemory(0, PieceBytes), cancellationToken).ConfigureAwait(false)) > 0;)
            {
                bool[] taken = await Task.WhenAll(loads.Select(l => l.WriteAsync(buffer.AsMemory(0, count), cancellationToken))).ConfigureAwait(false);
                // A node that refuses the image ends before the archive does; the others go on.
                if (!taken.Contains(true))
                    break;
                sent += count;
                progress.Report(new BuildProgress.Transfer(layer, "loading", sent, size, Done: false));
            }
            foreach (ContainerExec load in loads)
                await load.EndInputAsync().ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<T?> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using HttpResponseMessage response = await _client.SendAsync(HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), type, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Any failure to get an answer becomes <see cref="EngineUnreachableException"/>.</summary>
    private async Task<T> Asking<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw EngineUnreachable.In(e) ?? dialer.Unreachable("the connection was lost", dialer.Server.LostHelp, e);
        }
    }

    private static string? LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
}
