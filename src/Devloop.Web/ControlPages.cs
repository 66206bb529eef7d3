using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Session;
using Devloop.Web.Access;
using Devloop.Web.Views;
using Microsoft.AspNetCore.Http;

namespace Devloop.Web;

/// <summary>
/// The part of the API that changes a run, always by POST with JSON, and its logs. What cannot be done is answered with diagnostics; what is
/// done is answered once it is seen in the run's state.
/// </summary>
internal sealed class ControlPages(RunControl control, Broadcast<EngineState> states)
{
    private static readonly ImmutableHashSet<string> Changes =
        ImmutableHashSet.Create(StringComparer.Ordinal, "/api/trigger", "/api/pause", "/api/resume", "/api/enable", "/api/disable", "/api/stop");

    private const string Logs = "/api/logs";

    public static bool Knows(PathString path) => path.Value is { } text && (text == Logs || Changes.Contains(text));

    public async Task ServeAsync(HttpContext context, AccessGate door)
    {
        string path = context.Request.Path.Value!;
        bool reads = path == Logs;
        if (reads ? !HttpMethods.IsGet(context.Request.Method) : !HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = reads ? "GET" : "POST";
            await DashboardPages.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, reads ? "logs are only read" : "a change is asked for by POST").ConfigureAwait(false);
            return;
        }
        if (reads)
        {
            await SendLogsAsync(context).ConfigureAwait(false);
            return;
        }
        if (!door.MayChange(context.Request))
        {
            await DashboardPages.RefuseAsync(context, StatusCodes.Status403Forbidden, "a change needs the token as `Authorization: Bearer`, or the page's cookie and Origin").ConfigureAwait(false);
            return;
        }
        if (await ReadAsync(context).ConfigureAwait(false) is { } request)
            await ChangeAsync(context, path, request).ConfigureAwait(false);
    }

    /// <summary>The request's body; null when it is none, which was said.</summary>
    private static async Task<ControlRequest?> ReadAsync(HttpContext context)
    {
        // A form of another page can send text, but not this type without being asked for first (Fetch standard, CORS-safelisted types).
        if (!context.Request.HasJsonContentType())
        {
            await DashboardPages.RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "a change is asked for with `Content-Type: application/json`").ConfigureAwait(false);
            return null;
        }
        try
        {
            if (await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.ControlRequest, context.RequestAborted).ConfigureAwait(false) is { } request && request.Names?.Contains(null) != true)
                return request;
            throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            await DashboardPages.RefuseAsync(context, StatusCodes.Status400BadRequest, "the body is not such a request").ConfigureAwait(false);
            return null;
        }
    }

    private Task ChangeAsync(HttpContext context, string path, ControlRequest request) => path switch
    {
        "/api/trigger" => TriggerAsync(context, request),
        "/api/pause" => TellAsync(context, new EngineEvent.Paused(), s => s.Paused),
        "/api/resume" => TellAsync(context, new EngineEvent.Resumed(), s => !s.Paused),
        "/api/enable" => SwitchAsync(context, request, name => new EngineEvent.Enabled(name), control => !control.Disabled),
        "/api/disable" => SwitchAsync(context, request, name => new EngineEvent.Disabled(name), control => control.Disabled && control.Removing == WorkId.None),
        _ => StopAsync(context, request),
    };

    private async Task TriggerAsync(HttpContext context, ControlRequest request)
    {
        EngineState state = states.Latest;
        if (await NamedAsync(context, NamedTargets.Of(state.Project, request.AllNames)).ConfigureAwait(false) is not { } named)
            return;
        ImmutableArray<Diagnostic> disabled =
        [
            .. named.Resources.Where(r => state.Resources[r].Control.Disabled).Select(r =>
                Diagnostic.Error(DiagnosticCode.ResourceDisabled, $"resource `{r}` is disabled") with { Help = $"`devloop enable {r}` deploys it" }),
        ];
        if (!disabled.IsEmpty)
        {
            await AnswerAsync(context, StatusCodes.Status409Conflict, new ControlView([], [], StateReading.Diagnostics(disabled))).ConfigureAwait(false);
            return;
        }
        await control.TellAsync(new EngineEvent.TriggerRequested(named.Images, named.Resources, request.NoCache), context.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(context, StatusCodes.Status200OK, View(named, [])).ConfigureAwait(false);
    }

    private async Task TellAsync(HttpContext context, EngineEvent happened, Func<EngineState, bool> done)
    {
        EngineState before = states.Latest;
        await control.TellAsync(happened, context.RequestAborted).ConfigureAwait(false);
        await SeenAsync(s => !ReferenceEquals(s, before) && done(s), context.RequestAborted).ConfigureAwait(false);
        await AnswerAsync(context, StatusCodes.Status200OK, new ControlView([], [], [])).ConfigureAwait(false);
    }

    private async Task SwitchAsync(HttpContext context, ControlRequest request, Func<ResourceName, EngineEvent> make, Func<ResourceControl, bool> done)
    {
        EngineState before = states.Latest;
        if (await NamedAsync(context, NamedTargets.OfResources(before.Project, request.AllNames)).ConfigureAwait(false) is not { } named)
            return;
        if (named.Resources.IsEmpty)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, View(named, [])).ConfigureAwait(false);
            return;
        }
        foreach (ResourceName name in named.Resources)
            await control.TellAsync(make(name), context.RequestAborted).ConfigureAwait(false);
        EngineState after = await SeenAsync(s => !ReferenceEquals(s, before) && named.Resources.All(r => !s.Resources.TryGetValue(r, out ResourceState? resource) || done(resource.Control)), context.RequestAborted).ConfigureAwait(false);
        ImmutableArray<Diagnostic> failures = [.. named.Resources.SelectMany(r => after.Resources.TryGetValue(r, out ResourceState? resource) && resource.Control.Disabled ? resource.Failure : [])];
        await AnswerAsync(context, StatusCodes.Status200OK, View(named, failures)).ConfigureAwait(false);
    }

    private async Task StopAsync(HttpContext context, ControlRequest request)
    {
        control.DownAsked |= request.Down;
        await AnswerAsync(context, StatusCodes.Status200OK, new ControlView([], [], [])).ConfigureAwait(false);
        // The answer is out before the run, and this server with it, comes to its end.
        await context.Response.CompleteAsync().ConfigureAwait(false);
        await control.TellAsync(new EngineEvent.StopRequested(), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task SendLogsAsync(HttpContext context)
    {
        IQueryCollection asked = context.Request.Query;
        if (await NamedAsync(context, NamedTargets.Of(states.Latest.Project, [.. asked["name"].OfType<string>()])).ConfigureAwait(false) is not { } named)
            return;
        if (!TryNumber(asked["tail"], out double? tail) || !TryNumber(asked["since"], out double? since))
        {
            await DashboardPages.RefuseAsync(context, StatusCodes.Status400BadRequest, "`tail` counts lines, `since` seconds").ConfigureAwait(false);
            return;
        }
        var query = new LogQuery
        {
            Resources = named.Resources,
            // What a resource runs is of its matter, and so are the builds of that.
            Images = [.. named.Images.Concat(states.Latest.Project.Resources.Where(r => named.Resources.Contains(r.Name)).SelectMany(r => r.Images)).Distinct()],
            BuildsOnly = asked["build"] == "true",
            Since = since is { } seconds ? TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(seconds) : null,
            Tail = tail is { } lines ? (int)Math.Min(lines, int.MaxValue) : null,
            Follow = asked["follow"] == "true",
        };
        context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        // Who follows learns at once that somebody listens, though there may be no line for long.
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            await foreach (StoredLine line in control.Logs.ReadAsync(query, context.RequestAborted).ConfigureAwait(false))
            {
                await context.Response.WriteAsync(JsonSerializer.Serialize(View(line), LogJson.Lines.LogView) + "\n", context.RequestAborted).ConfigureAwait(false);
                if (query.Follow)
                    await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Who read it left.
        }
    }

    private static LogView View(StoredLine line) => new(line.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), "log",
        line.Image?.Value, line.Resource?.Value, line.Resource is null ? null : line.Pod, line.Resource is null ? null : line.Container, line.Text);

    /// <summary>The state of the run once it is as wanted, or the last one when the run ends first.</summary>
    private async Task<EngineState> SeenAsync(Func<EngineState, bool> wanted, CancellationToken cancellationToken)
    {
        await foreach (EngineState state in states.WatchAsync(cancellationToken).ConfigureAwait(false))
        {
            if (wanted(state))
                return state;
        }
        return states.Latest;
    }

    /// <summary>What the names mean; null when one means nothing, which was answered.</summary>
    private static async Task<NamedTargets?> NamedAsync(HttpContext context, Parsed<NamedTargets> named)
    {
        if (named.TryGet(out NamedTargets? targets))
            return targets;
        await AnswerAsync(context, StatusCodes.Status422UnprocessableEntity, new ControlView([], [], StateReading.Diagnostics(named.Diagnostics))).ConfigureAwait(false);
        return null;
    }

    private static ControlView View(NamedTargets named, ImmutableArray<Diagnostic> failures) =>
        new([.. named.Images.Select(i => i.Value)], [.. named.Resources.Select(r => r.Value)], StateReading.Diagnostics(failures));

    private static Task AnswerAsync(HttpContext context, int status, ControlView view)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(JsonSerializer.Serialize(view, ControlJson.Default.ControlView) + "\n", context.RequestAborted);
    }

    private static bool TryNumber(string? text, out double? number)
    {
        number = null;
        if (string.IsNullOrEmpty(text))
            return true;
        bool good = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= TimeSpan.FromDays(365).TotalSeconds;
        number = good ? value : null;
        return good;
    }
}
