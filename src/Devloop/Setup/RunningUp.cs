using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Devloop.Adapters.Files.Runs;
using Devloop.Cli.Commands;
using Devloop.Cli.Terminal;
using Devloop.Diagnostics;

namespace Devloop.Cli.Setup;

/// <summary>The `up` that runs for a config, as other commands talk to it: over loopback, with the token of its record.</summary>
internal sealed class RunningUp : IDisposable
{
    private readonly HttpClient _client;

    private RunningUp(RunRecord record)
    {
        Record = record;
        // No proxy of the environment: this goes to loopback, with a token. No limit in time: what is waited for may take long, and Ctrl-C ends it.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = record.Address, Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", record.Token);
    }

    public RunRecord Record { get; }

    /// <summary>
    /// Does something with the `up` that runs, and gives the exit code. Shows why there is none, or why it gave no answer.
    /// </summary>
    public static async Task<int> UseAsync(Settings settings, Func<RunningUp, CancellationToken, Task<int>> use)
    {
        using var interrupt = new Interrupt(settings.Consoles);
        if (!File.Exists(settings.File) && new ProjectSource(settings).LoadOrShow(settings) is null)
            return ExitCode.Usage;
        string config = RunRecords.NameOf(settings.File);
        ImmutableArray<RunRecord> runs =
        [
            .. RunRecords.OfUser(Environment.GetEnvironmentVariable).Of(config)
                .Where(r => (settings.Context is null || r.Context == settings.Context) && (settings.Namespace is null || r.Namespace == settings.Namespace)),
        ];
        if (runs is not [var record])
        {
            Report.Show(settings, [runs.IsEmpty ? None(settings) : Several(runs)]);
            return ExitCode.Environment;
        }
        using var up = new RunningUp(record);
        try
        {
            return await use(up, interrupt.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Report.Show(settings, [record.IsAlive ? Silent(record) : None(settings)]);
            return ExitCode.Environment;
        }
    }

    /// <summary>The dashboard's picture.</summary>
    public async Task<JsonObject> StateAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.GetAsync(new Uri("api/state", UriKind.Relative), cancellationToken).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        return (JsonObject)JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>Asks for a change.</summary>
    public async Task<ControlAnswer> ChangeAsync(string change, JsonObject request, CancellationToken cancellationToken)
    {
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PostAsync(new Uri("api/" + change, UriKind.Relative), content, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads lines of its logs, each as JSON; gives what was wrong with the request.</summary>
    /// <param name="query">Such as <c>name=web&amp;follow=true</c>.</param>
    public async Task<ControlAnswer> LogsAsync(string query, Action<JsonObject> line, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await _client.GetAsync(new Uri("api/logs?" + query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
            return await ReadAsync(answer, cancellationToken).ConfigureAwait(false);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
            line((JsonObject)JsonNode.Parse(text)!);
        return new ControlAnswer([], [], []);
    }

    private static async Task<ControlAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict))
            answer.EnsureSuccessStatusCode();
        JsonNode view = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false))!;
        return new ControlAnswer(Texts(view["images"]), Texts(view["resources"]), [.. view["diagnostics"]!.AsArray().Select(Diagnostic)]) { Refused = answer.StatusCode != HttpStatusCode.OK };
    }

    private static ImmutableArray<string> Texts(JsonNode? list) => [.. list!.AsArray().Select(t => (string)t!)];

    private static Diagnostic Diagnostic(JsonNode? view) => new((string)view!["code"]!, (string)view["severity"]! == "warning" ? Severity.Warning : Severity.Error, (string)view["message"]!)
    {
        Label = (string?)view["label"],
        Notes = Texts(view["notes"]),
        Help = (string?)view["help"],
    };

    private static Diagnostic None(Settings settings) => Devloop.Diagnostics.Diagnostic.Error(DiagnosticCode.NotRunning, $"no `devloop up` runs for `{settings.File}`") with
    {
        Label = Where(settings),
        Help = "`devloop up` starts one",
    };

    private static string? Where(Settings settings)
    {
        string[] given = [.. new[] { settings.Context is { } context ? $"context {context}" : null, settings.Namespace is { } name ? $"namespace {name}" : null }.OfType<string>()];
        return given.Length == 0 ? null : "in " + string.Join(", ", given);
    }

    private static Diagnostic Several(ImmutableArray<RunRecord> runs) => Devloop.Diagnostics.Diagnostic.Error(DiagnosticCode.NotRunning, $"{runs.Length} of `devloop up` run for this config, and none is named") with
    {
        Notes = [.. runs.Select(r => string.Create(CultureInfo.InvariantCulture, $"process {r.Pid}: context {r.Context}, namespace {r.Namespace}"))],
        Help = "`-n NAMESPACE` and `--kube-context CONTEXT` say which",
    };

    private static Diagnostic Silent(RunRecord record) => Devloop.Diagnostics.Diagnostic.Error(DiagnosticCode.NotRunning, "the `devloop up` that runs for this config gives no answer") with
    {
        Label = string.Create(CultureInfo.InvariantCulture, $"process {record.Pid}, port {record.Port}"),
        Help = "it may be about to end; Ctrl-C in its terminal ends it too",
    };

    public void Dispose() => _client.Dispose();
}

/// <summary>What a request to a running `up` led to.</summary>
internal sealed record ControlAnswer(ImmutableArray<string> Images, ImmutableArray<string> Resources, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Nothing was done.</summary>
    public bool Refused { get; init; }

    /// <summary>The exit code, with the problems shown.</summary>
    public int Show(Settings settings)
    {
        if (settings.Json && !Refused)
        {
            var document = new JsonObject { ["images"] = JsonShapes.List(Images), ["resources"] = JsonShapes.List(Resources), ["diagnostics"] = JsonShapes.List(Diagnostics) };
            settings.Consoles.Write(settings.Consoles.Out, document.ToJsonString(JsonShapes.Indented) + "\n");
        }
        else if (!Diagnostics.IsEmpty)
        {
            Report.Show(settings, Diagnostics);
        }
        return Refused ? ExitCode.Usage : Diagnostics.IsEmpty ? ExitCode.Success : ExitCode.DeployFailed;
    }
}
