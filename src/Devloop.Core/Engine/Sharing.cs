using Devloop.Model;
using Devloop.Planning;

namespace Devloop.Engine;

/// <summary>Where images have to be: what is looked up and published in the registry, and what the engine itself must have.</summary>
public static class Sharing
{
    /// <summary>
    /// Whether an image is looked up in the registry before it is built. In the loop a mere base is looked up once: its edits never wait
    /// for a network.
    /// </summary>
    public static RegistryLook LookFor(EngineState state, ImageName name)
    {
        ImageState image = state.Images[name];
        if (state.Options.Memory is not { } memory || image.Unpullable is not null)
            return RegistryLook.None;
        if (memory.Whole || state.Options.Mode != RunMode.Up || NeedsPush(state, name))
            return RegistryLook.Always;
        return image.Result is null ? RegistryLook.WhenUnknown : RegistryLook.None;
    }

    /// <summary>Shared work is pushed whole; otherwise what a resource runs is, where nodes pull or are loaded, and a mere base is not.</summary>
    public static bool NeedsPush(EngineState state, ImageName image) =>
        state.Options.Memory is { Whole: true } || (state.Options.Delivery is not null && IsRun(state, image));

    /// <summary>A push goes into the nodes themselves.</summary>
    public static bool LoadsNodes(EngineState state) => state.Options.Delivery is Delivery.Nodes;

    public static bool IsPushed(ImageState image) => image.Result is { } result && image.Delivered == result.Digest;

    /// <summary>What is pushed is published too, so that others find it under its key.</summary>
    public static bool NeedsPublication(EngineState state, ImageName image) => state.Options.Memory is not null && NeedsPush(state, image);

    public static bool IsPublished(ImageState image) => image.Result is { } result && image.Published == result.Key;

    /// <summary>A pipeline ends with the image that counts for everybody; the loop does not wait for that.</summary>
    public static bool AwaitsPublication(EngineState state) => state.Options.Mode != RunMode.Up;

    /// <summary>The engine must have the image: a child is to be built on it, or nodes run it from there or are loaded from there.</summary>
    public static bool NeedsEngine(EngineState state, ImageName image) =>
        NodesNeedEngine(state, image) || state.Project.Graph.Children(image).Any(c => state.Images[c].Queued is not null);

    public static bool NodesNeedEngine(EngineState state, ImageName image) => (state.Options.Delivery is null or Delivery.Nodes) && IsRun(state, image);

    public static bool IsInEngine(ImageState image) => image.Result is { } result && image.InEngine == result.Digest;

    private static bool IsRun(EngineState state, ImageName image) => state.Options.Mode != RunMode.BuildOnly && state.Project.IsDeployed(image);
}
