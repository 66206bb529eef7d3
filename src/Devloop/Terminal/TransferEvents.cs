using System.Text.Json.Nodes;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Cli.Terminal;

/// <summary>Turns what is said of transfers into a few events a second for each image; those that are over soon are left out.</summary>
internal sealed class TransferEvents(TimeProvider clock)
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<ImageName, Seen> _images = [];

    /// <summary>The fields of an event; null when it is too soon for one.</summary>
    public JsonObject? See(ImageName image, BuildProgress progress)
    {
        lock (_lock)
        {
            if (!_images.TryGetValue(image, out Seen? seen))
                _images[image] = seen = new Seen { ToldAt = clock.GetTimestamp() };
            seen.Steps = seen.Steps.With(progress, TimeSpan.Zero);
            BuildStep? step = progress is BuildProgress.Transfer part ? seen.Steps.All.FirstOrDefault(s => s.Id == part.Id) : null;
            if (progress is BuildProgress.Transfer layer && step is null)
                seen.Layers = seen.Layers.With(layer);
            Moved? moved = progress switch
            {
                BuildProgress.Upload { Total: > 0 } upload => new Moved(upload.Bytes, upload.Total),
                BuildProgress.Transfer => step is null ? seen.Layers.Moved : step.Moved,
                _ => null,
            };
            if (moved is not { } now || clock.GetElapsedTime(seen.ToldAt) < Apart)
                return null;
            seen.ToldAt = clock.GetTimestamp();
            return new JsonObject
            {
                ["image"] = image.Value,
                ["what"] = progress is BuildProgress.Upload ? "context" : step is null ? "layers" : "step",
                ["step"] = step?.Name.Text,
                ["current"] = now.Current,
                ["total"] = now.Total,
            };
        }
    }

    /// <summary>The build, push or pull is over.</summary>
    public void Forget(ImageName image)
    {
        lock (_lock)
            _images.Remove(image);
    }

    private sealed class Seen
    {
        public BuildSteps Steps { get; set; } = BuildSteps.None;

        public LayerTransfers Layers { get; set; } = LayerTransfers.None;

        public required long ToldAt { get; set; }
    }
}
