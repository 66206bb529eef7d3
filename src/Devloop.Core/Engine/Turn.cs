using System.Collections.Immutable;
using Devloop.Engine.Live;
using Devloop.Model;

namespace Devloop.Engine;

/// <summary>One step while it is taken: the state so far and the effects asked for. Lives inside <see cref="Transition.Step"/> only.</summary>
internal sealed class Turn(EngineState state)
{
    private readonly ImmutableArray<EngineEffect>.Builder _effects = ImmutableArray.CreateBuilder<EngineEffect>();

    public EngineState State { get; set; } = state;

    public ImmutableArray<EngineEffect> Effects => _effects.ToImmutable();

    public ImageState? Find(ImageName image) => State.Images.GetValueOrDefault(image);

    public ResourceState? Find(ResourceName resource) => State.Resources.GetValueOrDefault(resource);

    public void Set(ImageName image, ImageState state) => State = State with { Images = State.Images.SetItem(image, state) };

    public void Set(ResourceName resource, ResourceState state) => State = State with { Resources = State.Resources.SetItem(resource, state) };

    public void Set(ResourceName resource, ContainerState container) =>
        Set(resource, State.Resources[resource] with { Containers = State.Resources[resource].Containers.SetItem(container.Seen.Place.Id, container) });

    public void Ask(EngineEffect effect) => _effects.Add(effect);

    public WorkId NewWork()
    {
        State = State with { LastWork = State.LastWork + 1 };
        return new WorkId(State.LastWork);
    }

    public void Cancel(WorkId work)
    {
        if (work != WorkId.None)
            Ask(new EngineEffect.Cancel(work));
    }
}
