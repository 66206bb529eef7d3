using System.Collections.Immutable;
using Devloop.Ports;

namespace Devloop.Engine;

/// <summary>The layers of one push or pull, folded from what is said of it.</summary>
public sealed record LayerTransfers
{
    public static LayerTransfers None { get; } = new();

    private ImmutableDictionary<(string Layer, string Name), Moved> Layers { get; init; } = ImmutableDictionary<(string, string), Moved>.Empty;

    /// <summary>The sum of what moves; null while nothing does whose size is known.</summary>
    public Moved? Moved => Layers.IsEmpty ? null : new Moved(Layers.Values.Sum(l => l.Current), Layers.Values.Sum(l => l.Total));

    /// <summary>A layer that is done is done with everything: the engine does not tell the last byte of it.</summary>
    public LayerTransfers With(BuildProgress.Transfer said) => said switch
    {
        { Done: true } => this with { Layers = Layers.SetItems(Layers.Where(l => l.Key.Layer == said.Id).Select(l => KeyValuePair.Create(l.Key, l.Value with { Current = l.Value.Total }))) },
        { Total: > 0 } => this with { Layers = Layers.SetItem((said.Id, said.Name), new Moved(Math.Min(said.Current, said.Total), said.Total)) },
        _ => this,
    };
}
