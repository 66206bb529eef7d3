using System.CommandLine;
using Devloop.Cli;
using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;

RootCommand root = CommandTree.Create();
ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
    return UsageError.Report(parsed, Consoles.OfProcess(noColor: false));
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e)
{
    return CrashReport.Write(e, args, Consoles.OfProcess(noColor: false));
}
