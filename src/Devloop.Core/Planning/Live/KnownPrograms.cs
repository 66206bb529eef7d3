using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Devloop.Planning.Live;

/// <summary>Programs whose ways with changing files are known, from their manuals.</summary>
internal static class KnownPrograms
{
    /// <summary>Whatever their arguments.</summary>
    private static readonly FrozenDictionary<string, FileAwareness> Always = Table(
        (FileAwareness.Watches,
            "nodemon node-dev ts-node-dev tsnd pm2-dev air CompileDaemon reflex modd gow realize watchexec entr cargo-watch watchmedo watchfiles jurigged rerun guard shotgun "
            + "webpack-dev-server live-server browser-sync"),
        (FileAwareness.ServesFiles,
            "nginx httpd apache2 apache2-foreground httpd-foreground apache2ctl apachectl php-fpm php-fpm7 php-fpm8 lighttpd darkhttpd thttpd mini_httpd http-server serve static-web-server caddy"));

    /// <summary>When this word is the first one that is no flag, such as <c>next dev</c>; an empty one is none at all.</summary>
    private static readonly FrozenDictionary<string, FileAwareness> ByVerb = Table(
        (FileAwareness.Watches,
            "next:dev nuxt:dev nuxi:dev vite: vite:dev vite:serve webpack:serve webpack:watch ng:serve vue-cli-service:serve react-scripts:start gatsby:develop astro:dev remix:dev parcel: parcel:serve parcel:watch "
            + "ember:serve ember:server wrangler:dev eleventy:serve hugo:server hugo:serve jekyll:serve mkdocs:serve fastapi:dev dotnet:watch cargo:watch tsx:watch django-admin:runserver manage.py:runserver strapi:develop svelte-kit:dev mix:phx.server"),
        (FileAwareness.ServesFiles, "vite:preview symfony:serve symfony:server:start artisan:serve"));

    /// <summary>When one of the arguments is this one.</summary>
    private static readonly FrozenDictionary<string, FileAwareness> ByFlag = Table(
        (FileAwareness.Watches,
            "node:--watch bun:--watch bun:--hot deno:--watch uvicorn:--reload hypercorn:--reload gunicorn:--reload granian:--reload flask:--debug flask:--reload sanic:--reload sanic:--auto-reload sanic:--dev "
            + "nest:--watch nest:-w eleventy:--serve eleventy:--watch webpack:--watch webpack:-w rollup:--watch rollup:-w aiohttp-devtools:runserver tsc-watch:--onSuccess"),
        (FileAwareness.ServesFiles, "php:-S"));

    public static FileAwareness AwarenessOf(string name, ImmutableArray<string> arguments)
    {
        if (name.StartsWith("python", StringComparison.Ordinal) && name[6..].All(c => char.IsAsciiDigit(c) || c == '.'))
            return OfPython(arguments);
        if (name is "node" or "bun" or "deno" or "php" or "ruby" && Interpreted(name, arguments) is { } inner and not FileAwareness.None)
            return inner;
        if (name == "rails")
            return OfRails(arguments);
        if (name is "manage.py" or "django-admin" && arguments.Contains("--noreload"))
            return FileAwareness.None;
        if (Always.TryGetValue(name, out FileAwareness always))
            return always;
        if (name is "bun" or "deno" or "node" && arguments.Any(a => a.StartsWith("--watch-path", StringComparison.Ordinal) || a.StartsWith("--watch=", StringComparison.Ordinal)))
            return FileAwareness.Watches;
        string verb = arguments.FirstOrDefault(a => !a.StartsWith('-'), "");
        if (ByVerb.TryGetValue($"{name}:{verb}", out FileAwareness byVerb))
            return byVerb;
        FileAwareness byFlag = arguments.Select(a => ByFlag.GetValueOrDefault($"{name}:{a}")).Append(FileAwareness.None).Max();
        // A development server takes flags without a word before them.
        return byFlag == FileAwareness.None && name is "vite" or "parcel" && arguments is [['-', ..], ..] ? FileAwareness.Watches : byFlag;
    }

    private static FileAwareness OfPython(ImmutableArray<string> arguments)
    {
        int at = 0;
        while (at < arguments.Length && arguments[at].StartsWith('-') && arguments[at] != "-m")
            at++;
        if (at >= arguments.Length)
            return FileAwareness.None;
        if (arguments[at] != "-m")
            return AwarenessOf(NameOf(arguments[at]), arguments[(at + 1)..]);
        return at + 1 >= arguments.Length ? FileAwareness.None
            : arguments[at + 1] is "http.server" or "SimpleHTTPServer" ? FileAwareness.ServesFiles
            : AwarenessOf(arguments[at + 1] == "django" ? "django-admin" : arguments[at + 1], arguments[(at + 2)..]);
    }

    /// <summary>A script that is a known program itself, such as <c>node node_modules/.bin/nodemon</c> or <c>php artisan serve</c>.</summary>
    private static FileAwareness? Interpreted(string name, ImmutableArray<string> arguments)
    {
        if (name == "ruby")
            return arguments.Contains("-run") && arguments.Contains("httpd") ? FileAwareness.ServesFiles : FileAwareness.None;
        int at = arguments.TakeWhile(a => a.StartsWith('-')).Count();
        if (at >= arguments.Length || (at > 0 && name == "php"))
            return null;
        string script = NameOf(arguments[at]);
        return script is "node" or "bun" or "deno" or "php" ? null : AwarenessOf(script.EndsWith(".js", StringComparison.Ordinal) ? script[..^3] : script, arguments[(at + 1)..]);
    }

    /// <summary>Only in development Rails takes up changed code, and its environment may come from a variable.</summary>
    private static FileAwareness OfRails(ImmutableArray<string> arguments)
    {
        bool isServer = arguments.FirstOrDefault() is "server" or "s";
        bool isDevelopment = arguments.Contains("--environment=development") || arguments.Zip(arguments.Skip(1)).Any(p => p is ("-e" or "--environment", "development"));
        return isServer && isDevelopment ? FileAwareness.Watches : FileAwareness.None;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static FrozenDictionary<string, FileAwareness> Table(params ReadOnlySpan<(FileAwareness Awareness, string Names)> rows)
    {
        var table = new Dictionary<string, FileAwareness>(StringComparer.Ordinal);
        foreach ((FileAwareness awareness, string names) in rows)
        {
            foreach (string name in names.Split(' '))
                table.Add(name, awareness);
        }
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
