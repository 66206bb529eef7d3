using System.Globalization;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Who owns in the image what a COPY with numbers in its <c>--chown</c> brings. A name means what the image's own files say, which is not known here.</summary>
internal static class NumericOwners
{
    /// <summary>Null when no such COPY brings this file to this very place.</summary>
    /// <param name="path">Relative to the context of the image.</param>
    /// <param name="place">Absolute in the container.</param>
    public static FileOwner? Of(ImageDefinition image, string path, string place)
    {
        FileOwner? owner = null;
        foreach (ResolvedStage stage in StagesOf(image.Dockerfile))
        {
            string? directory = stage.Parent is null && stage.BaseText == "scratch" ? "/" : null;
            foreach (ResolvedInstruction instruction in stage.Instructions)
            {
                if (instruction.Instruction.Name == "WORKDIR" && instruction.Words is [var entered, ..])
                    directory = entered.StartsWith('/') ? entered : directory is null ? null : $"{directory.TrimEnd('/')}/{entered}";
                // The last one that writes the place decides, also when it gives it to root.
                else if (instruction.ReadsContext && !instruction.IsUncertain && Brings(instruction, directory, path, place))
                    owner = OwnerIn(instruction.Instruction.Flag("chown")?.Value);
            }
        }
        return owner;
    }

    /// <summary>The target and what it stands on, from the bottom up.</summary>
    private static Stack<ResolvedStage> StagesOf(ResolvedDockerfile dockerfile)
    {
        var stages = new Stack<ResolvedStage>();
        for (ResolvedStage? stage = dockerfile.Target; stage is not null; stage = stage.Parent is { } parent ? dockerfile.Stages.FirstOrDefault(s => s.Index == parent) : null)
            stages.Push(stage);
        return stages;
    }

    /// <summary>BuildKit's rule: a directory brings what is in it, a file keeps its name below a destination that ends with a slash.</summary>
    private static bool Brings(ResolvedInstruction instruction, string? directory, string path, string place)
    {
        if (instruction.Words.Length < 2)
            return false;
        string to = instruction.Words[^1];
        if (!to.StartsWith('/'))
        {
            if (directory is null)
                return false;
            to = $"{directory.TrimEnd('/')}/{(to == "." ? "" : to)}";
        }
        string target = "/" + ContextPath.Clean(to);
        bool intoDirectory = to.EndsWith('/');
        foreach (string source in instruction.Words[..^1].Select(ContextPath.Clean))
        {
            string? inside = source.Length == 0 ? path : path == source ? "" : path.StartsWith(source + "/", StringComparison.Ordinal) ? path[(source.Length + 1)..] : null;
            if (inside is null)
                continue;
            string brought = inside.Length > 0 ? $"{target.TrimEnd('/')}/{inside}" : intoDirectory ? $"{target.TrimEnd('/')}/{path[(path.LastIndexOf('/') + 1)..]}" : target;
            if (brought == place)
                return true;
        }
        return false;
    }

    /// <summary><c>user[:group]</c>; a user without a group has the group of that number. BuildKit's rule.</summary>
    private static FileOwner? OwnerIn(string? chown)
    {
        string[] parts = chown?.Split(':') ?? [];
        return parts.Length is 1 or 2 && Number(parts[0]) is { } user && Number(parts[^1]) is { } group ? new FileOwner(user, group) : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
