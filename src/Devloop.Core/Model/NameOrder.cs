namespace Devloop.Model;

/// <summary>
/// The order of names in a directory, and of paths part by part: that of the bytes of their UTF-8 form, as BuildKit has it. Comparing
/// UTF-16 differs from it only where surrogates meet U+E000 and above.
/// </summary>
public static class NameOrder
{
    public static int Compare(string a, string b)
    {
        int length = Math.Min(a.Length, b.Length);
        for (int i = 0; i < length; i++)
        {
            if (a[i] == b[i])
                continue;
            bool surrogateA = char.IsSurrogate(a[i]), surrogateB = char.IsSurrogate(b[i]);
            return surrogateA == surrogateB ? a[i] - b[i] : surrogateA ? 1 : -1;
        }
        return a.Length - b.Length;
    }

    /// <summary>The order of a walk: a directory before what is in it, and that before its next sibling.</summary>
    public static int ComparePaths(string a, string b) => Compare(a.Replace('/', '\0'), b.Replace('/', '\0'));
}
