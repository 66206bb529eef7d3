using Devloop.Engine;
using Devloop.Engine.Live;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Session.Live;

/// <summary>Gives a container what the engine wants it to have.</summary>
public sealed class LiveWork(IContainerUpdater updater, ICluster cluster, ITouchedContainers? touched, Action<SideNews> tell)
{
    public async Task<EngineEvent> UpdateAsync(EngineEffect.StartLiveUpdate effect, CancellationToken cancellationToken)
    {
        LiveContainer container = effect.Container;
        var update = new ContainerUpdate
        {
            Place = container.Place,
            Entries = effect.Plan.Entries,
            Runs = effect.Plan.Runs,
            Restart = effect.Restart,
            Output = (line, _) => tell(new SideNews.Log(effect.Resource, container.Place.Pod, container.Place.Container, line)),
        };
        // Before the first byte goes: a run that is killed in between leaves nothing unknown.
        touched?.Touch(container.Place.Id, effect.Plan.Paths.Select(p => new TouchedFile(p.Image, p.Path)));
        ContainerUpdateOutcome outcome = await updater.UpdateAsync(update, cancellationToken).ConfigureAwait(false);
        return new EngineEvent.ContainerUpdated(effect.Work, effect.Resource, container.Place.Id, outcome);
    }

    public async Task<EngineEvent> ReplaceAsync(EngineEffect.ReplacePod effect, CancellationToken cancellationToken)
    {
        ContainerPlace place = effect.Container.Place;
        var pod = new ObjectReference(ObservedKinds.Pod, place.Namespace, place.Pod);
        tell(new SideNews.Recreating(effect.Resource, pod, $"its container shows what the image does not have, and {effect.Why.Text}"));
        ContainerUpdateOutcome outcome = new ContainerUpdateOutcome.Gone();
        try
        {
            await cluster.DeleteAsync(pod, DeletePropagation.Background, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterException e)
        {
            outcome = new ContainerUpdateOutcome.Broken(ApiFailure.ToDiagnostic(e, pod));
        }
        return new EngineEvent.ContainerUpdated(effect.Work, effect.Resource, place.Id, outcome);
    }
}
