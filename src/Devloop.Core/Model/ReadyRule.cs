using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Model;

/// <summary>When objects of a custom kind are ready.</summary>
public abstract record ReadyRule
{
    private ReadyRule() { }

    /// <summary>As soon as they exist.</summary>
    public sealed record Exists : ReadyRule;

    /// <summary>When a field says so.</summary>
    /// <param name="Values">What it is when the object is ready; empty is anything but empty and false.</param>
    /// <param name="Failed">What it is when the object has failed.</param>
    public sealed record Field(JsonPath Path, ImmutableArray<string> Values, ImmutableArray<string> Failed) : ReadyRule
    {
        public bool Equals(Field? other) => other is not null && Path.Text == other.Path.Text && Values.SequenceEqual(other.Values) && Failed.SequenceEqual(other.Failed);

        public override int GetHashCode() => HashCode.Combine(Path.Text, Values.Length, Failed.Length);
    }
}
