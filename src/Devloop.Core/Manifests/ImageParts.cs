using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Text;

namespace Devloop.Manifests;

/// <summary>References whose parts stand in fields of their own.</summary>
internal static class ImageParts
{
    /// <summary>The reference as one text; null when the object does not say a name.</summary>
    public static string? TextOf(JsonObject holder, ImageObjectRule parts)
    {
        if (holder.Text(parts.Repository) is not { Length: > 0 } repository)
            return null;
        string? registry = Of(parts.Registry), tag = Of(parts.Tag), digest = Of(parts.Digest);
        return (registry is null ? "" : registry + "/") + repository + (tag is null ? "" : ":" + tag) + (digest is null ? "" : "@" + digest);

        // A tag such as 1.10 may well be written as a number.
        string? Of(string? field) => field is not null && holder[field] is JsonValue value && value.ToString() is { Length: > 0 } text ? text : null;
    }

    /// <summary>Writes a reference with a tag. A digest would go before the tag, so it is taken out.</summary>
    public static void Write(JsonObject holder, ImageObjectRule parts, string reference)
    {
        if (!ImageReference.TryParse(reference, out ImageReference? image))
            return;
        bool hasRegistry = parts.Registry is not null && holder.ContainsKey(parts.Registry);
        if (hasRegistry)
            holder[parts.Registry!] = image.Domain;
        holder[parts.Repository] = hasRegistry ? image.Path : image.FamiliarName;
        holder[parts.Tag] = image.Tag;
        if (parts.Digest is not null)
            holder.Remove(parts.Digest);
    }
}
