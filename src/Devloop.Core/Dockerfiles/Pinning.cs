using System.Collections.Immutable;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// Writes other references where a Dockerfile names images. Only the bytes of the references change, and no line comes or goes, so
/// that a builder's errors point at the user's own lines. A reference that variables make up is replaced as a whole word.
/// </summary>
public static class Pinning
{
    /// <param name="replacement">What to write for a mention, or null to leave it.</param>
    public static PinnedDockerfile Pin(ResolvedDockerfile dockerfile, Func<ImageMention, string?> replacement)
    {
        var edits = ImmutableArray.CreateBuilder<TextEdit>();
        foreach (ImageMention mention in dockerfile.Mentions)
        {
            if (mention.Span.Source != dockerfile.Dockerfile.Source || replacement(mention) is not { } text)
                continue;
            // The last stretch takes the replacement: an emptied last line would join the next instruction.
            for (int i = 0; i < mention.Stretches.Length; i++)
            {
                (int start, int length) = mention.Stretches[i];
                edits.Add(new TextEdit(start, length, i == mention.Stretches.Length - 1 ? mention.Opening + text + mention.Closing : ""));
            }
        }
        return new PinnedDockerfile(dockerfile.Dockerfile.Source, [.. edits.OrderBy(e => e.Start)]);
    }
}

/// <summary>A Dockerfile with references replaced, and the way back.</summary>
/// <param name="Edits">In the order of the file.</param>
public sealed record PinnedDockerfile(SourceText Original, ImmutableArray<TextEdit> Edits)
{
    public string Text { get; } = TextEdit.Apply(Original.Content, Edits);

    /// <summary>Takes the replacements out of a pinned text again.</summary>
    public string Unpin(string pinned)
    {
        var back = new List<TextEdit>();
        int shift = 0;
        foreach (TextEdit edit in Edits)
        {
            back.Add(new TextEdit(edit.Start + shift, edit.Replacement.Length, Original.Content.Substring(edit.Start, edit.Length)));
            shift += edit.Replacement.Length - edit.Length;
        }
        return TextEdit.Apply(pinned, back);
    }
}
