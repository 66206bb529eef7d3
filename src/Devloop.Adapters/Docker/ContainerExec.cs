using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Devloop.Adapters.Transport;

namespace Devloop.Adapters.Docker;

/// <summary>
/// A command in a container, started by the engine, with its input and output on a connection of its own. The engine ends the input with
/// the connection, so a command that reads it ends when this is disposed of.
/// </summary>
internal sealed class ContainerExec : IAsyncDisposable
{
    /// <summary>What is kept of the end of each output, in characters.</summary>
    private const int MostText = 4096;

    /// <summary>The number of standard error in the engine's frames; standard output is 1.</summary>
    private const byte Errors = 2;

    /// <summary>How long the engine may take to say how a command ended whose output has ended.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan EndPause = TimeSpan.FromMilliseconds(20);

    private readonly EngineClient _client;
    private readonly string _id;
    private readonly Stream _connection;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Action<ReadOnlyMemory<byte>, bool>? _hear;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _reading;

    private ContainerExec(EngineClient client, string id, Stream connection, Action<ReadOnlyMemory<byte>, bool>? hear)
    {
        (_client, _id, _connection, _hear) = (client, id, connection, hear);
        _reading = ReadAsync();
    }

    /// <summary>
    /// Starts a command; null when the container is not there or does not run. Throws <see cref="HttpRequestException"/>,
    /// <see cref="IOException"/> or <see cref="Ports.EngineUnreachableException"/>.
    /// </summary>
    /// <param name="user">Such as <c>0:0</c>; null is the container's own.</param>
    /// <param name="hear">Hears the output as it comes, true for standard error; the memory is good during the call.</param>
    public static async Task<ContainerExec?> StartAsync(
        EngineClient client, string container, IReadOnlyList<string> command, bool withInput, CancellationToken cancellationToken, string? user = null, Action<ReadOnlyMemory<byte>, bool>? hear = null)
    {
        byte[] order = JsonSerializer.SerializeToUtf8Bytes(new ExecOrder(command, withInput, AttachOutput: true, AttachErrors: true, user), EngineJson.Default.ExecOrder);
        using HttpResponseMessage response = await client.PostAsync($"/containers/{container}/exec", order, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
            return null;
        if ((await AnswerAsync(response, EngineJson.Default.ExecCreated, cancellationToken).ConfigureAwait(false))?.Id is not { } id)
            throw new IOException($"the engine made no exec: HTTP status {(int)response.StatusCode}");
        try
        {
            return new ContainerExec(client, id, await client.UpgradeAsync($"/exec/{id}/start", """{"Detach":false,"Tty":false}"""u8.ToArray(), cancellationToken).ConfigureAwait(false), hear);
        }
        catch (UpgradeRefusedException)
        {
            return null; // it stopped in between
        }
    }

    /// <summary>Waits until the command takes the bytes, or has ended: false then.</summary>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_reading.IsCompleted)
            return false;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            await _connection.WriteAsync(bytes, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Ends the input.</summary>
    public async Task EndInputAsync()
    {
        try
        {
            await HalfClose.EndWritingAsync(_connection).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The command has ended before its input: how it ended says what there is to say.
        }
    }

    /// <summary>Waits for the command's end.</summary>
    /// <returns>The exit code, null when the engine does not say it; the end of what the command wrote.</returns>
    public async Task<(int? ExitCode, string Output, string Errors)> EndAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(EndPatience);
        ExecState? state = null;
        try
        {
            // The output may end a moment before the engine hears of the process's end.
            while ((state = await StateAsync(patience.Token).ConfigureAwait(false)) is { Running: true })
                await Task.Delay(EndPause, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            state = null;
        }
        return (state?.ExitCode, _output.ToString(), _errors.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _ended.Dispose();
    }

    private async Task<ExecState?> StateAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _client.SendAsync(HttpMethod.Get, $"/exec/{_id}/json", cancellationToken).ConfigureAwait(false);
        return await AnswerAsync(response, EngineJson.Default.ExecState, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<T?> AnswerAsync<T>(HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!response.IsSuccessStatusCode)
            return null;
        try
        {
            return await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), type, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Frames of the engine's attach endpoint: which output, three zeros, the length in four bytes, then as many bytes of it.</summary>
    private async Task ReadAsync()
    {
        byte[] head = new byte[8], buffer = new byte[16 * 1024];
        try
        {
            while (await _connection.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false).ConfigureAwait(false) == head.Length)
            {
                uint left = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
                while (left > 0)
                {
                    int count = await _connection.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, (uint)buffer.Length))).ConfigureAwait(false);
                    if (count == 0)
                        return;
                    Keep(head[0] == Errors ? _errors : _output, buffer.AsSpan(0, count));
                    _hear?.Invoke(buffer.AsMemory(0, count), head[0] == Errors);
                    left -= (uint)count;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The connection was lost or disposed of: the command's state says how it ended.
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private static void Keep(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        text.Append(Encoding.UTF8.GetString(bytes));
        if (text.Length > MostText)
            text.Remove(0, text.Length - MostText);
    }
}
