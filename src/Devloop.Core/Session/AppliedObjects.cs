using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Devloop.Ports;

namespace Devloop.Session;

/// <summary>
/// What this run applied, or found as it is to be: such an object needs no second look, so that one edit among many objects is one call.
/// What is known to have gone is looked at again, and so is everything that the user asks to be deployed.
/// </summary>
public sealed class AppliedObjects(string defaultNamespace)
{
    private readonly ConcurrentDictionary<ObjectReference, AppliedObject> _objects = [];

    public AppliedObject? Find(ObjectReference reference) => _objects.GetValueOrDefault(Whole(reference));

    /// <param name="live">As the cluster has it.</param>
    public void Remember(ObjectReference reference, JsonObject rendered, JsonObject live) => _objects[Whole(reference)] = new AppliedObject(rendered, live);

    /// <summary>It was deleted, by whomever.</summary>
    public void Forget(ObjectReference reference) => _objects.TryRemove(Whole(reference), out _);

    private ObjectReference Whole(ObjectReference reference) => reference with { Namespace = reference.Namespace ?? defaultNamespace };
}

/// <param name="Rendered">As it was sent.</param>
/// <param name="Live">As the cluster had it then.</param>
public sealed record AppliedObject(JsonObject Rendered, JsonObject Live);
