namespace Devloop.Model;

/// <summary>An image of the project, by the name its config gives it; also the id of its graph node.</summary>
public readonly record struct ImageName(string Value) : IComparable<ImageName>
{
    public int CompareTo(ImageName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A resource of the project: a workload with the objects that belong to it, or a local command.</summary>
public readonly record struct ResourceName(string Value) : IComparable<ResourceName>
{
    public int CompareTo(ResourceName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}
