using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using Devloop.Cli.Terminal;
using Devloop.Text;

namespace Devloop.Cli.Commands;

/// <summary>Prints the page of a diagnostic's code: docs/diagnostics, which is part of the program.</summary>
internal static class ExplainCommand
{
    private const string Suffix = ".md";

    public static Command Create(GlobalOptions globals)
    {
        var code = new Argument<string?>("CODE") { Description = "Such as DL1003; all codes are listed when none is named", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("explain", "Print what a diagnostic's code means, an example, and what to do.") { code };
        CommandHelp.WithExamples(command,
            "devloop explain DL1003",
            "devloop explain");
        command.SetAction(parsed =>
        {
            Settings settings = globals.Read(parsed);
            return parsed.GetValue(code) is { } wanted ? Explain(settings, wanted.ToUpperInvariant()) : List(settings);
        });
        return command;
    }

    private static int Explain(Settings settings, string code)
    {
        if (Codes().Contains(code, StringComparer.Ordinal))
        {
            string page = Page(code);
            Write(settings, settings.Json ? new JsonObject { ["code"] = code, ["title"] = Title(page), ["text"] = page }.ToJsonString(JsonShapes.Indented) + "\n" : page);
            return ExitCode.Success;
        }
        Palette palette = settings.Consoles.ErrorPalette;
        string help = NearestName.Of(code, Codes()) is { } near ? $"a similar code exists: `{near}`" : "`devloop explain` lists all codes";
        settings.Consoles.Write(settings.Consoles.Error, $"{palette.Bad("error")}{palette.Strong($": unknown code `{code}`")}\n  {palette.Place("=")} help: {help}\n");
        return ExitCode.Usage;
    }

    private static int List(Settings settings)
    {
        (string Code, string Title)[] all = [.. Codes().Select(c => (c, Title(Page(c))))];
        Write(settings, settings.Json
            ? new JsonArray([.. all.Select(p => (JsonNode)new JsonObject { ["code"] = p.Code, ["title"] = p.Title })]).ToJsonString(JsonShapes.Indented) + "\n"
            : string.Concat(all.Select(p => $"{p.Code}  {p.Title}\n")));
        return ExitCode.Success;
    }

    private static void Write(Settings settings, string text) => settings.Consoles.Write(settings.Consoles.Out, text);

    private static IEnumerable<string> Codes() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith("DL", StringComparison.Ordinal) && n.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(n => n[..^Suffix.Length])
            .Order(StringComparer.Ordinal);

    private static string Page(string code)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(code + Suffix) ?? throw new InvalidOperationException($"no page for {code}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A page's first line is <c># DL1003: title</c>.</summary>
    private static string Title(string page) => page.Split('\n')[0].Split(": ", 2)[^1];
}
