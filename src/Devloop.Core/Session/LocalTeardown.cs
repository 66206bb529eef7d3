using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>Runs the <c>teardown</c> of local commands, in reverse order: what depends on something goes before it. One that fails is told and does not keep the others.</summary>
/// <param name="root">The project's absolute directory.</param>
/// <param name="began">Is told the name of each as it begins.</param>
/// <param name="write">Is told each line that one writes.</param>
public sealed class LocalTeardown(IProcessRunner processes, string root, Action<ResourceName> began, Action<ResourceName, string> write)
{
    /// <summary>Those that need something of the cluster: they go before its objects do.</summary>
    public static ImmutableArray<ResourceDefinition> BeforeCluster(IReadOnlyList<ResourceDefinition> resources) =>
        [.. InReverse(resources).Where(r => r.Local?.Command.Teardown is not null && NeedsCluster(resources, r, []))];

    /// <summary>The others: objects of the cluster may need them.</summary>
    public static ImmutableArray<ResourceDefinition> AfterCluster(IReadOnlyList<ResourceDefinition> resources) =>
        [.. InReverse(resources).Where(r => r.Local?.Command.Teardown is not null && !NeedsCluster(resources, r, []))];

    /// <summary>Gives what failed.</summary>
    public async Task<ImmutableArray<Diagnostic>> RunAsync(ImmutableArray<ResourceDefinition> resources, CancellationToken cancellationToken)
    {
        var failures = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (LocalCommand local in resources.Select(r => r.Local!.Command))
        {
            began(local.Name);
            if (await RunAsync(local, cancellationToken).ConfigureAwait(false) is { } failure)
                failures.Add(failure);
        }
        return failures.ToImmutable();
    }

    private async Task<Diagnostic?> RunAsync(LocalCommand local, CancellationToken cancellationToken)
    {
        var last = new LastLines();
        try
        {
            var order = new ProcessOrder(local.Teardown!, ProjectPath.Absolute(root, local.Directory), local.Environment);
            await using IRunningProcess process = processes.Start(order, line =>
            {
                last.Add(line);
                write(local.Name, line);
            });
            int code = await process.Exit.WaitAsync(cancellationToken).ConfigureAwait(false);
            return code == 0 ? null : LocalProblem.Teardown(local, $"exit code {code}", last.All);
        }
        catch (ProcessStartException e)
        {
            return LocalProblem.Teardown(local, e.Reason, []);
        }
    }

    /// <summary>What depends on others before these; else last first.</summary>
    private static IEnumerable<ResourceDefinition> InReverse(IReadOnlyList<ResourceDefinition> resources)
    {
        var placed = new List<ResourceDefinition>();
        foreach (ResourceDefinition resource in resources)
            Place(resource);
        return Enumerable.Reverse(placed);

        // The config has no circles.
        void Place(ResourceDefinition resource)
        {
            if (placed.Contains(resource))
                return;
            foreach (ResourceDefinition needed in resources.Where(r => resource.Settings.DependsOn.Contains(r.Name)))
                Place(needed);
            placed.Add(resource);
        }
    }

    private static bool NeedsCluster(IReadOnlyList<ResourceDefinition> resources, ResourceDefinition resource, HashSet<ResourceName> seen) =>
        seen.Add(resource.Name) && resources.Where(r => resource.Settings.DependsOn.Contains(r.Name)).Any(r => r.Local is null || NeedsCluster(resources, r, seen));
}
