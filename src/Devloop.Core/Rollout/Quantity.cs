using System.Globalization;
using System.Numerics;

namespace Devloop.Rollout;

/// <summary>A Kubernetes quantity such as <c>500m</c>, <c>1Gi</c> or <c>1e3</c> (kubernetes.io, "Quantity"), compared exactly.</summary>
internal static class Quantity
{
    /// <summary>True when both are quantities of the same amount.</summary>
    public static bool AreEqual(string a, string b) => Nano(a) is { } left && Nano(b) is { } right && left == right;

    /// <summary>The amount in billionths, rounded up as the API server rounds, or null when the text is no quantity.</summary>
    private static BigInteger? Nano(string text)
    {
        int end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]) && text[end - 1] != '.')
            end--;
        string number = text[..end];
        string suffix = text[end..];
        // In 1e3 and 12E2 the letter is an exponent; a bare E is exa.
        int exponent = 0;
        int e = number.IndexOfAny(['e', 'E']);
        if (e >= 0)
        {
            if (suffix.Length > 0 || !int.TryParse(number[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
                return null;
            number = number[..e];
        }
        if (Math.Abs(exponent) > 30 || number.Length > 40 || !TryScale(suffix, out BigInteger times, out int power))
            return null;
        int dot = number.IndexOf('.', StringComparison.Ordinal);
        int decimals = dot < 0 ? 0 : number.Length - dot - 1;
        if (!BigInteger.TryParse(dot < 0 ? number : number.Remove(dot, 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger digits))
            return null;
        int shift = 9 + exponent + power - decimals;
        BigInteger amount = digits * times;
        if (shift >= 0)
            return amount * BigInteger.Pow(10, shift);
        (BigInteger quotient, BigInteger rest) = BigInteger.DivRem(amount, BigInteger.Pow(10, -shift));
        return rest.Sign > 0 ? quotient + 1 : quotient;
    }

    private static bool TryScale(string suffix, out BigInteger times, out int power)
    {
        (times, power) = (BigInteger.One, 0);
        int binary = suffix.Length == 2 && suffix[1] == 'i' ? "KMGTPE".IndexOf(suffix[0], StringComparison.Ordinal) : -1;
        if (binary >= 0)
        {
            times = BigInteger.Pow(1024, binary + 1);
            return true;
        }
        (bool known, power) = suffix switch
        {
            "" => (true, 0),
            "n" => (true, -9),
            "u" => (true, -6),
            "m" => (true, -3),
            "k" => (true, 3),
            "M" => (true, 6),
            "G" => (true, 9),
            "T" => (true, 12),
            "P" => (true, 15),
            "E" => (true, 18),
            _ => (false, 0),
        };
        return known;
    }
}
