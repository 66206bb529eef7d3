using System.Formats.Tar;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Devloop.Adapters.Transport;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>Containers of the engine that the nodes of a cluster share with the builder, by the ids that the status of pods has.</summary>
public sealed class EngineContainers(IDialer dialer) : IEngineContainers, IDisposable
{
    private const string Scheme = "docker://";
    private const int PieceBytes = 64 * 1024;

    /// <summary>Read and execute for all, whoever the container runs as.</summary>
    private const UnixFileMode Executable =
        UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly EngineClient _client = new(dialer);
    private string? _architecture;

    public void Dispose() => _client.Dispose();

    public async Task<string?> ArchitectureAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _architecture ??= (await GetAsync("/info", EngineJson.Default.EngineInfo, cancellationToken).ConfigureAwait(false)).Value?.Architecture switch
            {
                "x86_64" or "amd64" => "amd64",
                "aarch64" or "arm64" => "arm64",
                var other => other,
            };
        }
        catch (Exception e) when (Words(e) is not null)
        {
            return null;
        }
    }

    public async Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        try
        {
            ContainerExec? started = await ContainerExec.StartAsync(
                _client, Id(order.Place), order.Words, order.Input is not null, cancellationToken, order.AsRoot ? "0:0" : null, order.Output).ConfigureAwait(false);
            if (started is null)
                return await RunsAsync(order.Place, cancellationToken).ConfigureAwait(false) == true ? new ContainerExecEnd.Lost("the engine did not start the command") : new ContainerExecEnd.NotThere();
            await using (started.ConfigureAwait(false))
            {
                if (order.Input is not null)
                    await FeedAsync(started, order.Input, cancellationToken).ConfigureAwait(false);
                (int? code, string output, _) = await started.EndAsync(cancellationToken).ConfigureAwait(false);
                return code switch
                {
                    null => new ContainerExecEnd.Lost("the engine does not say how the command ended"),
                    // The container runtime's own words come as the command's output.
                    126 or 127 when output.StartsWith("OCI runtime exec failed", StringComparison.Ordinal) => new ContainerExecEnd.NoProgram(output.Trim()),
                    { } known => new ContainerExecEnd.Exited(known),
                };
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Words(e) is not null)
        {
            return new ContainerExecEnd.Lost(Words(e)!);
        }
    }

    public async Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            (HttpStatusCode status, InspectedContainer? container) = await GetAsync($"/containers/{Id(place)}/json", EngineJson.Default.InspectedContainer, cancellationToken).ConfigureAwait(false);
            return status == HttpStatusCode.NotFound ? false : container?.State?.Running;
        }
        catch (Exception e) when (Words(e) is not null)
        {
            return null;
        }
    }

    public async Task<ContainerPut> PutProgramAsync(ContainerPlace place, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(place);
        try
        {
            using HttpResponseMessage response = await _client.PutArchiveAsync($"/containers/{Id(place)}/archive?path=%2F", Archive(name, content), cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return new ContainerPut.Done();
            if (response.StatusCode == HttpStatusCode.NotFound)
                return new ContainerPut.NotThere();
            string text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return text.Contains("read-only", StringComparison.OrdinalIgnoreCase)
                ? new ContainerPut.ReadOnly()
                : new ContainerPut.Failed($"the engine answered with HTTP status {(int)response.StatusCode}");
        }
        catch (Exception e) when (Words(e) is not null)
        {
            return new ContainerPut.Failed(Words(e)!);
        }
    }

    private static byte[] Archive(string name, ReadOnlyMemory<byte> content)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = Executable, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(content.ToArray()) });
        return archive.ToArray();
    }

    private static async Task FeedAsync(ContainerExec command, Stream input, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[PieceBytes];
        for (int count; (count = await ReadAsync(input, buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            // A command may end before it has read everything; its end says what that means.
            if (!await command.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false))
                return;
        }
        await command.EndInputAsync().ConfigureAwait(false);
    }

    /// <summary>What goes wrong with the input is not to be taken for trouble with the engine.</summary>
    private static async Task<int> ReadAsync(Stream input, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException("the input cannot be read", e);
        }
    }

    private async Task<(HttpStatusCode Status, T? Value)> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using HttpResponseMessage response = await _client.SendAsync(HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
        return (response.StatusCode, response.IsSuccessStatusCode
            ? await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), type, cancellationToken).ConfigureAwait(false)
            : null);
    }

    private static string Id(ContainerPlace place) => place.Id.StartsWith(Scheme, StringComparison.Ordinal) ? place.Id[Scheme.Length..] : place.Id;

    /// <summary>What went wrong with the engine; null when it is something else.</summary>
    private static string? Words(Exception e) =>
        EngineUnreachable.In(e) is { } unreachable ? unreachable.Diagnostic.Message
        : e is HttpRequestException or IOException or JsonException ? "the connection to the engine was lost"
        : null;
}
