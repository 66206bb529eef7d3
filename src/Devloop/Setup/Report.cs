using System.Text.Json.Nodes;
using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;

namespace Devloop.Cli.Setup;

/// <summary>Shows the problems that end a command before it began: to people on stderr, to machines as JSON on stdout.</summary>
internal static class Report
{
    public static void Show(Settings settings, IReadOnlyCollection<Diagnostic> diagnostics)
    {
        settings.Shown?.Invoke(diagnostics);
        if (settings.Json)
        {
            settings.Consoles.Write(settings.Consoles.Out, new JsonObject { ["type"] = "error", ["diagnostics"] = JsonShapes.List(diagnostics) }.ToJsonString(JsonShapes.OneLine) + "\n");
            return;
        }
        settings.Consoles.Diagnose(diagnostics);
        int errors = diagnostics.Count(d => d.Severity == Severity.Error);
        if (errors > 1)
            settings.Consoles.Write(settings.Consoles.Error, settings.Consoles.ErrorPalette.Bad("error") + $": {Count.Of(errors, "problem")}\n");
    }
}
