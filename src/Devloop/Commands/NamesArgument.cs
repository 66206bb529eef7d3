using System.CommandLine;
using System.CommandLine.Parsing;
using Devloop.Text;

namespace Devloop.Cli.Commands;

/// <summary>Any number of names. A word that begins with a hyphen is a mistyped option, not a name.</summary>
internal static class NamesArgument
{
    public static Argument<string[]> Of(string name, string description)
    {
        var argument = new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.ZeroOrMore };
        argument.Validators.Add(Validate);
        return argument;
    }

    private static void Validate(ArgumentResult result)
    {
        foreach (Token token in result.Tokens.Where(t => t.Value.StartsWith('-')))
        {
            Command? command = (result.Parent as CommandResult)?.Command;
            string help = command is not null && NearestName.Of(token.Value, UsageError.Options(command).SelectMany(o => o.Aliases.Prepend(o.Name))) is { } near
                ? $"; an option with a similar name exists: `{near}`"
                : "";
            result.AddError($"unknown option `{token.Value}`{help}");
        }
    }
}
