using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Engine;

/// <summary>What is known of one resource.</summary>
public sealed record ResourceState
{
    /// <summary>What the user wants of it.</summary>
    public ResourceControl Control { get; init; } = ResourceControl.Untouched;

    /// <summary>What there is to know of a local command; null for what has objects.</summary>
    public LocalState? Local { get; init; }

    /// <summary>At the start, when nothing is known.</summary>
    public static ResourceState Of(ResourceDefinition definition) =>
        definition.Local is null ? new ResourceState() : new ResourceState { Local = new LocalState(), Health = new Health.Pending("not run yet") };

    /// <summary>The deploy that runs, and what it deploys.</summary>
    public WorkId Deploying { get; init; }

    public DeployKey? DeployingKey { get; init; }

    /// <summary>What is in the cluster.</summary>
    public DeployKey? Deployed { get; init; }

    /// <summary>The digests of its images as they are in the cluster, and as the deploy that runs brings them.</summary>
    public ImmutableSortedDictionary<ImageName, ImageDigest> Images { get; init; } = ImmutableSortedDictionary<ImageName, ImageDigest>.Empty;

    public ImmutableSortedDictionary<ImageName, ImageDigest> DeployingImages { get; init; } = ImmutableSortedDictionary<ImageName, ImageDigest>.Empty;

    /// <summary>The images with live update that were seen running in its containers: only they can be given something.</summary>
    public ImmutableHashSet<ImageName> LiveImages { get; init; } = [];

    /// <summary>Its containers that run images with live update, by their ids.</summary>
    public ImmutableSortedDictionary<string, ContainerState> Containers { get; init; } = ImmutableSortedDictionary.Create<string, ContainerState>(StringComparer.Ordinal);

    /// <summary>The uids of the pods that were seen since it was deployed.</summary>
    public ImmutableHashSet<string> Pods { get; init; } = [];

    /// <summary>Some container was given something since it was deployed.</summary>
    public bool Updated { get; init; }

    /// <summary>A pod was replaced: what was built for its successors is deployed once it is there.</summary>
    public bool Adopts { get; init; }

    /// <summary>The updates of containers that run.</summary>
    public UpdateBatch? Updates { get; init; }

    /// <summary>The updates that ended last.</summary>
    public UpdateBatch? LastUpdates { get; init; }

    /// <summary>What could not be deployed; not tried again until it is another.</summary>
    public DeployKey? Refused { get; init; }

    public ImmutableArray<Diagnostic> Failure { get; init; } = [];

    /// <summary>The environment is to blame for the failure.</summary>
    public bool FailureOfEnvironment { get; init; }

    public Health Health { get; init; } = new Health.Pending("not deployed yet");

    /// <summary>How it does apart from containers that have still to be given what is new; null when none has.</summary>
    public Health? Observed { get; init; }

    /// <summary>When it began to look broken; null when it does not.</summary>
    public TimeSpan? BrokenSince { get; init; }

    /// <summary>It looked broken for as long as it has to settle.</summary>
    public bool SettledBroken { get; init; }

    /// <summary>The last deploy changed something in the cluster.</summary>
    public bool Changed { get; init; }

    /// <summary>It is ready, and that is to be believed from then on; null when it is believed, or not ready.</summary>
    public TimeSpan? UnsteadyUntil { get; init; }

    /// <summary>It was ready once since the run began.</summary>
    public bool WasReady { get; init; }
}
