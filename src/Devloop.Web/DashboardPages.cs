using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Devloop.Engine;
using Devloop.Web.Access;
using Devloop.Web.Views;
using Microsoft.AspNetCore.Http;

namespace Devloop.Web;

/// <summary>Answers requests: <c>/</c>, <c>/api/state</c>, <c>/api/events</c> and what <see cref="ControlPages"/> knows, each only behind the gate.</summary>
internal sealed class DashboardPages(Task<AccessGate> gate, Broadcast<EngineState> states, DashboardOptions options)
{
    private readonly ControlPages? _control = options.Control is { } control ? new ControlPages(control, states) : null;

    private const string NoncePlace = "NONCE";

    /// <summary>Where the page holds its first picture, so that it never opens empty.</summary>
    private const string StatePlace = "STATE";

    private static readonly string Page = ReadPage();

    public async Task ServeAsync(HttpContext context)
    {
        AccessGate door = await gate.ConfigureAwait(false);
        Protect(context.Response);
        Verdict verdict = door.Judge(context.Request);
        switch (verdict)
        {
            case Verdict.ForeignHost or Verdict.ForeignOrigin:
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "this address is not the dashboard's own").ConfigureAwait(false);
                return;
            case Verdict.Unknown:
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, "the address that `devloop up` prints at its start opens the dashboard").ConfigureAwait(false);
                return;
        }
        if (_control is not null && ControlPages.Knows(context.Request.Path))
        {
            await _control.ServeAsync(context, door).ConfigureAwait(false);
            return;
        }
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET";
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "the dashboard only shows").ConfigureAwait(false);
            return;
        }
        switch (context.Request.Path.Value)
        {
            case "/" when !options.HasPage:
                await RefuseAsync(context, StatusCodes.Status404NotFound, "this run shows no page, since it was started with `--no-web`").ConfigureAwait(false);
                break;
            case "/" when verdict == Verdict.TokenInAddress:
                door.Remember(context.Response);
                context.Response.StatusCode = StatusCodes.Status303SeeOther;
                context.Response.Headers.Location = "/";
                break;
            case "/":
                await SendPageAsync(context.Response, Json(states.Latest)).ConfigureAwait(false);
                break;
            case "/api/state":
                context.Response.ContentType = "application/json; charset=utf-8";
                await context.Response.WriteAsync(Json(states.Latest), context.RequestAborted).ConfigureAwait(false);
                break;
            case "/api/events":
                await StreamAsync(context).ConfigureAwait(false);
                break;
            default:
                await RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such page").ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Server-sent events (HTML Living Standard, section 9.2): one <c>state</c> at once, and one for each newer picture.</summary>
    private async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        string last = "";
        try
        {
            await foreach (EngineState state in states.WatchAsync(context.RequestAborted).ConfigureAwait(false))
            {
                string json = Json(state);
                if (json == last)
                    continue;
                last = json;
                await context.Response.WriteAsync($"event: state\ndata: {json}\n\n", context.RequestAborted).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser left.
        }
    }

    private string Json(EngineState state) => JsonSerializer.Serialize(StateReading.Read(state, options.Target), ViewJson.Default.StateView);

    private static async Task SendPageAsync(HttpResponse response, string state)
    {
        // The page's own script and style carry a word that nobody can guess; anything else that got into the page would not run.
        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.ContentType = "text/html; charset=utf-8";
        // The serializer writes `<` and `&` as escapes, so no text in the state can end the element that holds it.
        await response.WriteAsync(Page.Replace(NoncePlace, nonce, StringComparison.Ordinal).Replace(StatePlace, state, StringComparison.Ordinal)).ConfigureAwait(false);
    }

    private static void Protect(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    internal static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n");
    }

    private static string ReadPage()
    {
        using Stream stream = typeof(DashboardPages).Assembly.GetManifestResourceStream("index.html")
            ?? throw new InvalidOperationException("the page is not in the assembly");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
