using System.Globalization;
using System.Text.RegularExpressions;

namespace Devloop.Model;

/// <summary>
/// A step's name as BuildKit's Dockerfile frontend writes it: <c>[linux/amd64 build 2/5] RUN make</c>. Platform and stage are named
/// only where there are several; the number is padded with blanks; steps of other origin, such as the export, have no bracket.
/// </summary>
/// <param name="Text">What is done, such as <c>RUN make</c>.</param>
/// <param name="Number">Of its stage, from 1; null when it is not a line of a Dockerfile.</param>
/// <param name="Of">How many its stage has.</param>
public sealed partial record StepName(string Text, string? Stage = null, int? Number = null, int? Of = null)
{
    /// <summary>The first step of a stage, which brings the base.</summary>
    public bool IsBase => Number is not null && Text.StartsWith("FROM ", StringComparison.Ordinal);

    /// <summary>Such as <c>[2/5]</c> or <c>[build 2/5]</c>; empty without a number.</summary>
    public string Place => Number is null ? "" : string.Create(CultureInfo.InvariantCulture, $"[{(Stage is null ? "" : Stage + " ")}{Number}/{Of}]");

    public static StepName Read(string name)
    {
        Match match = Bracket().Match(name);
        return match.Success
            && int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && int.TryParse(match.Groups["of"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int of)
            ? new StepName(match.Groups["text"].Value, match.Groups["stage"] is { Success: true, Value: var stage } ? stage : null, number, of)
            : new StepName(name);
    }

    public override string ToString() => Place.Length == 0 ? Text : $"{Place} {Text}";

    [GeneratedRegex(@"^\[(?:[^\s/\]]+/\S+ +)?(?:(?<stage>[^\s/\]]+) +)? *(?<number>\d+)/(?<of>\d+)\] (?<text>.*)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Bracket();
}
