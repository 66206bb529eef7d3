using Devloop.Ports;

namespace Devloop.Session;

/// <summary>The ports that a run needs; the cluster is null when nothing is deployed.</summary>
public sealed record World
{
    public required IFileTree Files { get; init; }

    public required IContextReader Contexts { get; init; }

    public required IImageBuilder Builder { get; init; }

    public required IImageStore Store { get; init; }

    public required IKeyStore Keys { get; init; }

    public required IBuildHistory History { get; init; }

    public required IRegistry Registry { get; init; }

    /// <summary>Null when the builder has no engine.</summary>
    public INodeImages? Nodes { get; init; }

    public ICluster? Cluster { get; init; }

    public IPortForwarder? Forwarder { get; init; }

    /// <summary>Changes running containers; null where none are changed.</summary>
    public IContainerUpdater? Containers { get; init; }

    /// <summary>What containers were given, also by earlier runs; null where none are changed.</summary>
    public ITouchedContainers? Touched { get; init; }

    /// <summary>Runs local commands; null where none run.</summary>
    public IProcessRunner? Processes { get; init; }

    /// <summary>Asks what local commands serve whether it is ready; null where none run.</summary>
    public INetworkProbe? Probe { get; init; }

    public required TimeProvider Clock { get; init; }
}
