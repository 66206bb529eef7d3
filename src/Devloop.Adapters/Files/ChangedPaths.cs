namespace Devloop.Adapters.Files;

/// <summary>Paths that changed, as a tree: what is not in it is as it was.</summary>
internal sealed class ChangedPaths
{
    private readonly Dictionary<string, ChangedPaths> _below = new(StringComparer.Ordinal);

    /// <summary>This path itself, and with it anything below it.</summary>
    public bool Everything { get; private set; }

    /// <summary>The entries of this directory that changed, or hold something that did.</summary>
    public IReadOnlyDictionary<string, ChangedPaths> Below => _below;

    /// <param name="paths">Relative, with <c>/</c>; empty and <c>.</c> are the top.</param>
    public static ChangedPaths Of(IEnumerable<string> paths)
    {
        var top = new ChangedPaths();
        foreach (string path in paths)
        {
            ChangedPaths at = top;
            foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
            {
                if (!at._below.TryGetValue(part, out ChangedPaths? next))
                    at._below.Add(part, next = new ChangedPaths());
                at = next;
            }
            at.Everything = true;
        }
        return top;
    }

    public static ChangedPaths All { get; } = new() { Everything = true };
}
