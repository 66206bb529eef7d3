using System.Collections.Concurrent;
using System.Formats.Tar;
using Devloop.Ports;
using Devloop.Testing.Clusters;

namespace Devloop.Testing;

/// <summary>
/// Containers of an engine in memory, by their ids. They have a few programs of BusyBox, and understand what devloop's helper is given once it
/// was put into them.
/// </summary>
public sealed class FakeEngineContainers : IEngineContainers
{
    /// <summary>How the helper ends when it is not told what to do.</summary>
    private const int Usage = 64;

    private readonly ConcurrentDictionary<string, Container> _containers = new(StringComparer.Ordinal);

    /// <summary>Every command that was begun, in order.</summary>
    public ConcurrentQueue<ContainerOrder> Begun { get; } = [];

    public void Start(string id) => _containers[id] = new Container();

    public void Stop(string id) => _containers.TryRemove(id, out _);

    /// <summary>What the container was given and still has, by path.</summary>
    public IReadOnlyDictionary<string, byte[]> Files(string id) => _containers[id].Files;

    public Task<string?> ArchitectureAsync(CancellationToken cancellationToken) => Task.FromResult<string?>("amd64");

    public Task<bool?> RunsAsync(ContainerPlace place, CancellationToken cancellationToken) => Task.FromResult<bool?>(_containers.ContainsKey(place.Id));

    public Task<ContainerPut> PutProgramAsync(ContainerPlace place, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (!_containers.TryGetValue(place.Id, out Container? container))
            return Task.FromResult<ContainerPut>(new ContainerPut.NotThere());
        container.Programs["/" + name] = true;
        return Task.FromResult<ContainerPut>(new ContainerPut.Done());
    }

    public async Task<ContainerExecEnd> ExecAsync(ContainerOrder order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begun.Enqueue(order);
        if (!_containers.TryGetValue(order.Place.Id, out Container? container))
            return new ContainerExecEnd.NotThere();
        if (container.Programs.ContainsKey(order.Words[0]))
            return order.Words is [_, "apply", ..] ? await ApplyAsync(container, order, cancellationToken) : new ContainerExecEnd.Exited(Usage);
        try
        {
            ExecEnd end = await FakeProgram.RunAsync(new ExecOrder("", "", "", order.Words) { Input = order.Input, Output = order.Output }, cancellationToken);
            return new ContainerExecEnd.Exited(end.ExitCode);
        }
        catch (ClusterException e)
        {
            return new ContainerExecEnd.NoProgram(e.Message);
        }
    }

    private static async Task<ContainerExecEnd> ApplyAsync(Container container, ContainerOrder order, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream();
        await order.Input!.CopyToAsync(input, cancellationToken);
        input.Position = 0;
        await using var archive = new TarReader(input);
        while (await archive.GetNextEntryAsync(copyData: true, cancellationToken) is PaxTarEntry entry)
        {
            string path = entry.Name;
            switch (entry.ExtendedAttributes.GetValueOrDefault("DEVLOOP.kind"))
            {
                case "G":
                    foreach (string gone in container.Files.Keys.Where(k => k == path || k.StartsWith(path + "/", StringComparison.Ordinal)))
                        container.Files.TryRemove(gone, out _);
                    break;
                case null when entry.EntryType == TarEntryType.RegularFile:
                    using (var content = new MemoryStream())
                    {
                        if (entry.DataStream is { } data)
                            await data.CopyToAsync(content, cancellationToken);
                        container.Files[path] = content.ToArray();
                    }
                    break;
            }
        }
        order.Output?.Invoke("devloop-helper: 0 done 0 0 \n"u8.ToArray(), true);
        return new ContainerExecEnd.Exited(0);
    }

    private sealed class Container
    {
        public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, bool> Programs { get; } = new(StringComparer.Ordinal);
    }
}
