using System.Collections.Immutable;
using System.Globalization;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;

namespace Devloop.Cli.Terminal.Live;

/// <summary>Reads the engine's state, and what runs, into the live block's words. Pure.</summary>
public static class LiveReading
{
    public static LiveSnapshot Read(EngineState state, LiveWork work)
    {
        ImmutableArray<ImageName> images = [.. state.Project.Graph.BottomUp.Where(state.Images.ContainsKey)];
        LiveRow[] resources = [.. state.Resources.Select(r => Of(r.Key, r.Value, work))];
        return new LiveSnapshot(
            [
                .. images.Where(i => state.Images[i].Building is not null).Select(i => Building(i, work)),
                .. images.Where(i => state.Images[i] is { Building: null } s && (s.Pushing != WorkId.None || s.Pulling != WorkId.None)).Select(i => Moving(i, state, work)),
                .. images.Where(i => state.Images[i] is { Failure: not null, Building: null }).Select(Failed),
                .. resources.Where(r => r.Tone == LiveTone.Bad),
                .. images.Where(i => state.Images[i] is { Building: null, Failure: null, Settled: false }).Select(i => Waiting(state, i)).OfType<LiveRow>(),
                .. resources.Where(r => r.Tone is LiveTone.Running or LiveTone.Waiting),
                .. resources.Where(r => r.Tone == LiveTone.Good),
            ],
            Sum(state), work.Began);
    }

    private static LiveRow Building(ImageName image, LiveWork work)
    {
        if (!work.Builds.TryGetValue(image, out (TimeSpan Began, BuildSteps Steps) build))
            return new LiveRow(LiveTone.Running, image.Value, "", "building");
        (string place, string text) = build.Steps switch
        {
            { Sending: { } upload } => ("", "sending the context" + (upload.Files > 0 ? $", {Count.Of(upload.Files, "file")}" : "")),
            { Running: { } step } => (step.Name.Place, step.Name.Text),
            { All: [] } => ("", "preparing"),
            _ => ("", "building"),
        };
        return new LiveRow(LiveTone.Running, image.Value, place, text, build.Steps.Moved, build.Began);
    }

    private static LiveRow Moving(ImageName image, EngineState whole, LiveWork work)
    {
        ImageState state = whole.Images[image];
        string text = state.Pushing == WorkId.None ? "pulling" : Sharing.LoadsNodes(whole) ? "loading" : "pushing";
        return work.Transfers.TryGetValue(image, out (TimeSpan Began, LayerTransfers Layers) transfer)
            ? new LiveRow(LiveTone.Running, image.Value, "", $"{text} {state.Result?.Tag.Short}", transfer.Layers.Moved, transfer.Began)
            : new LiveRow(LiveTone.Running, image.Value, "", text);
    }

    private static LiveRow Failed(ImageName image) => new(LiveTone.Bad, image.Value, "", "failed; a save tries again");

    private static LiveRow? Waiting(EngineState state, ImageName image) =>
        Holds.Of(state, image) is { } hold ? new LiveRow(LiveTone.Waiting, image.Value, "", hold.Text) : null;

    private static LiveRow Of(ResourceName name, ResourceState resource, LiveWork work)
    {
        if (resource.Deploying != WorkId.None)
            return new LiveRow(LiveTone.Running, name.Value, "", resource.Local is null ? "being applied" : "running", null, work.Deploys.TryGetValue(name, out TimeSpan began) ? began : null);
        if (resource.Updates is { } update)
            return new LiveRow(LiveTone.Running, name.Value, "", "being updated: " + UpdateText.Of(update), null, null);
        if (!resource.Failure.IsEmpty)
            return new LiveRow(LiveTone.Bad, name.Value, "", resource.Local is null ? "not applied" : "failed");
        return new LiveRow(resource.Health switch
        {
            Health.Ready or Health.Completed => LiveTone.Good,
            Health.Failed => LiveTone.Bad,
            Health.Progressing => LiveTone.Running,
            _ => LiveTone.Waiting,
        }, name.Value, "", resource.Health.Describe());
    }

    private static string Sum(EngineState state)
    {
        int good = state.Images.Values.Count(i => i is { Settled: true, Result: not null, Failure: null });
        int ready = state.Resources.Values.Count(r => r.Deploying == WorkId.None && r.Failure.IsEmpty && r.Health.IsGood());
        int failed = state.Images.Values.Count(i => i.Failure is not null) + state.Resources.Values.Count(r => !r.Failure.IsEmpty || r.Health is Health.Failed);
        var parts = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{good} of {Count.Of(state.Images.Count, "image")}") };
        if (state.Resources.Count > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{ready} of {Count.Of(state.Resources.Count, "resource")} ready"));
        if (failed > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{failed} failed"));
        return string.Join(", ", parts);
    }
}
