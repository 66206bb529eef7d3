using System.Reflection;
using System.Text.RegularExpressions;
using Devloop.Diagnostics;

namespace Devloop.Core.Tests.House;

public class DiagnosticCodeTests
{
    private static readonly (string Name, string Code)[] Codes =
        [.. typeof(DiagnosticCode).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (f.Name, (string)f.GetRawConstantValue()!))];

    [Fact]
    public void Every_code_stands_for_one_problem() =>
        Codes.GroupBy(c => c.Code).Where(g => g.Count() > 1).Select(g => string.Join(" and ", g.Select(c => c.Name))).ShouldBeEmpty();

    [Fact]
    public void Every_code_is_dl_and_four_digits_of_a_known_family() =>
        Codes.Where(c => !Regex.IsMatch(c.Code, "^DL[1-5][0-9]{3}$")).ShouldBeEmpty();
}
