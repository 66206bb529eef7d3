using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace Devloop.Cli.Reports;

/// <summary>What programs wrote, so that any file can hold it.</summary>
internal static partial class CleanText
{
    /// <summary>Colours go; whatever XML cannot hold (XML 1.0, production 2) becomes the sign for what cannot be shown.</summary>
    public static string Of(string text)
    {
        string plain = EscapeCodes().Replace(text, "");
        var valid = new StringBuilder(plain.Length);
        for (int i = 0; i < plain.Length; i++)
        {
            if (XmlConvert.IsXmlChar(plain[i]))
                valid.Append(plain[i]);
            else if (i + 1 < plain.Length && XmlConvert.IsXmlSurrogatePair(plain[i + 1], plain[i]))
                valid.Append(plain[i]).Append(plain[++i]);
            else
                valid.Append('\uFFFD');
        }
        return valid.ToString();
    }

    /// <summary>Control sequences of ECMA-48, section 5.4.</summary>
    [GeneratedRegex(@"\x1B\[[0-?]*[ -/]*[@-~]")]
    private static partial Regex EscapeCodes();
}
