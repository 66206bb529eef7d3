using System.Collections.Concurrent;
using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session;

/// <summary>
/// Runs local commands and keeps what they serve. One command runs once at a time: a newer run waits until the one before has ended with
/// all that it started.
/// </summary>
/// <param name="root">The project's absolute directory.</param>
/// <param name="health">Is told how what is served does.</param>
public sealed class LocalWork(World world, string root, Action<ResourceName, Health> health, Action<SideNews> tell) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ResourceName, SemaphoreSlim> _turns = [];
    private readonly ConcurrentDictionary<ResourceName, Serving> _serving = [];
    private readonly ConcurrentDictionary<Task, bool> _ending = [];

    /// <summary>Hashes what a command reads.</summary>
    public async Task<EngineEvent> LookAsync(EngineEffect.LookAtLocal effect, CancellationToken cancellationToken)
    {
        LocalDefinition local = effect.Resource.Local!;
        LocalInputs inputs = local.Inputs;
        if (inputs.IsEmpty)
            return new EngineEvent.LocalLooked(effect.Work, effect.Resource.Name, local.KeyWith(null), Known: null);
        ContextReading? reading = effect.Known is { } known && known.Snapshot.Root is not null
            ? await world.Contexts.UpdateAsync(known.Snapshot, inputs, [.. inputs.InDirectory(known.Changed)], cancellationToken).ConfigureAwait(false)
            : null;
        if (reading is not ContextReading.Read)
            reading = await world.Contexts.ReadAsync(inputs.Directory, inputs, cancellationToken).ConfigureAwait(false);
        if (reading is ContextReading.Read { Snapshot: var snapshot })
            return new EngineEvent.LocalLooked(effect.Work, effect.Resource.Name, local.KeyWith(snapshot), KnownDeps.Of(snapshot));
        var unreadable = (ContextReading.Unreadable)reading;
        string path = unreadable.Path.Length == 0 ? inputs.Directory : $"{inputs.Directory}/{unreadable.Path}";
        return new EngineEvent.LocalLookFailed(effect.Work, effect.Resource.Name, LocalProblem.Unreadable(local.Command, ProjectPath.Below(root, path) ?? path, unreadable.Reason));
    }

    /// <summary>Runs the command to its end, then what it serves takes the place of what it served before.</summary>
    public async Task<EngineEvent> RunAsync(EngineEffect.StartLocal effect, CancellationToken cancellationToken)
    {
        ResourceName name = effect.Resource.Name;
        LocalCommand local = effect.Resource.Local!.Command;
        SemaphoreSlim turn = _turns.GetOrAdd(name, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (local.Command is { } command && await RunAsync(local, command, cancellationToken).ConfigureAwait(false) is { } failure)
                return new EngineEvent.LocalRan(effect.Work, name, new LocalOutcome.Failed([failure]));
            await EndAsync(name).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (local.Serve is { } serve)
                _serving[name] = new Serving(world, root, local, serve, Writes(name), h => health(name, h));
            // Who ended this run in that very moment may have looked for it before it was there.
            if (cancellationToken.IsCancellationRequested)
                await EndAsync(name).ConfigureAwait(false);
            return new EngineEvent.LocalRan(effect.Work, name, new LocalOutcome.Ran());
        }
        catch (ProcessStartException e)
        {
            return new EngineEvent.LocalRan(effect.Work, name, new LocalOutcome.Failed([LocalProblem.NotStarted(local, e.Reason)]));
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>From now on the engine takes what is told of what a command serves; it hears how that does at once.</summary>
    public void Confirm(ResourceName name)
    {
        if (_serving.TryGetValue(name, out Serving? serving))
            serving.Confirm();
    }

    /// <summary>Ends what a command serves, without waiting for it.</summary>
    public void Stop(ResourceName name)
    {
        Task ending = EndAsync(name);
        _ending[ending] = true;
        _ = ending.ContinueWith(t => _ending.TryRemove(t, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task<Diagnostic?> RunAsync(LocalCommand local, CommandWords command, CancellationToken cancellationToken)
    {
        var last = new LastLines();
        Action<string> write = Writes(local.Name);
        var order = new ProcessOrder(command, ProjectPath.Absolute(root, local.Directory), local.Environment);
        await using IRunningProcess process = world.Processes!.Start(order, line =>
        {
            last.Add(line);
            write(line);
        });
        int code = await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
        return code == 0 ? null : LocalProblem.Failed(local, code, last.All);
    }

    private Action<string> Writes(ResourceName name) => line => tell(new SideNews.Log(name, "", "", line));

    private async Task EndAsync(ResourceName name)
    {
        if (_serving.TryRemove(name, out Serving? before))
            await before.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_serving.Keys.Select(EndAsync)).ConfigureAwait(false);
        await Task.WhenAll(_ending.Keys).ConfigureAwait(false);
    }
}
