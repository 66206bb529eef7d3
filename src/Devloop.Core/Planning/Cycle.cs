using System.Collections.Immutable;

namespace Devloop.Planning;

/// <summary>Finds a circle in a directed graph.</summary>
public static class Cycle
{
    /// <summary>A circle as a path whose last node is its first, or null. The search goes in the order of the nodes, so the same graph gives the same circle.</summary>
    public static ImmutableArray<T>? Find<T>(IEnumerable<T> nodes, Func<T, IEnumerable<T>> next) where T : notnull
    {
        var done = new HashSet<T>();
        foreach (T start in nodes)
        {
            var path = new List<T>();
            var onPath = new Dictionary<T, int>();
            var open = new Stack<IEnumerator<T>>();
            if (!Enter(start))
                continue;
            while (open.TryPeek(out IEnumerator<T>? edges))
            {
                if (!edges.MoveNext())
                {
                    open.Pop().Dispose();
                    done.Add(path[^1]);
                    onPath.Remove(path[^1]);
                    path.RemoveAt(path.Count - 1);
                }
                else if (onPath.TryGetValue(edges.Current, out int at))
                {
                    return [.. path.Skip(at), edges.Current];
                }
                else
                {
                    Enter(edges.Current);
                }
            }

            bool Enter(T node)
            {
                if (done.Contains(node))
                    return false;
                onPath[node] = path.Count;
                path.Add(node);
                open.Push(next(node).GetEnumerator());
                return true;
            }
        }
        return null;
    }
}
