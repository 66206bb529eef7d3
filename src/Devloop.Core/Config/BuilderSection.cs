using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Text;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>builder:</c>, which is the name of a kind or a mapping.</summary>
internal static class BuilderSection
{
    private const string Kinds = "the builders are `docker` and `buildkit`";

    /// <param name="hasRegistry">Whether the config has a <c>registry</c>.</param>
    public static BuilderSettings Read(Section top, bool hasRegistry)
    {
        BuilderSettings builder = top.Find("builder") switch
        {
            null => BuilderSettings.Default,
            YamlMapping => OfMapping(top.Sub("builder")!),
            { } node => Of(top, top.AsText(node, "`builder`"), node.At, address: null, tls: null),
        };
        if (builder is BuilderSettings.BuildKit && !hasRegistry)
        {
            top.Report(Diagnostic.Error(DiagnosticCode.BuilderNeedsRegistry, "`builder: buildkit` needs a registry") with
            {
                At = top.Place("builder"),
                Label = "keeps no images of its own",
                Help = "`registry: {host: \"HOST:PORT\"}` names the one that images are pushed to, which the builder and the nodes must reach",
            });
        }
        return builder;
    }

    private static BuilderSettings OfMapping(Section section)
    {
        string? kind = section.Text("kind");
        if (kind is null && !section.Has("kind"))
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, "`builder` has no `kind`") with { At = section.At, Help = Kinds });
        BuilderAddress? address = section.Text("address") is { } text ? Address(section, text) : null;
        BuilderTls? tls = section.Sub("tls") is { } sub ? Tls(sub) : null;
        if (kind == "docker")
        {
            foreach (string key in new[] { "address", "tls" }.Where(section.Has))
            {
                section.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"`{key}` of `builder` does not go with `kind: docker`") with
                {
                    At = section.Place(key),
                    Help = "the engine is the one that `DOCKER_HOST` or the current docker context names",
                });
            }
        }
        else if (tls is not null && address is not null and not BuilderAddress.Tcp)
        {
            section.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"`tls` of `builder` does not go with `{address}`") with
            {
                At = section.Place("tls"),
                Help = "TLS is for addresses `tcp://HOST:PORT`",
            });
        }
        section.Finish();
        return kind is null ? BuilderSettings.Default : Of(section, kind, section.ValuePlace("kind"), address, tls);
    }

    private static BuilderSettings Of(Section section, string? kind, SourceSpan? at, BuilderAddress? address, BuilderTls? tls)
    {
        switch (kind)
        {
            case "buildkit":
                return new BuilderSettings.BuildKit(address, tls, at);
            case not (null or "docker"):
                section.Report(Diagnostic.Error(DiagnosticCode.BadValue, $"`{kind}` is not a builder") with
                {
                    At = at,
                    Help = NearestName.Of(kind, ["docker", "buildkit"]) is { } near ? $"a builder with a similar name exists: `{near}`" : Kinds,
                });
                break;
        }
        return BuilderSettings.Default;
    }

    private static BuilderAddress? Address(Section section, string text)
    {
        BuilderAddress? address = BuilderAddress.TryParse(text);
        if (address is null)
            section.Bad("address", $"`{text}` is not an address of a builder", null, BuilderAddress.Forms);
        return address;
    }

    private static BuilderTls Tls(Section section)
    {
        var tls = new BuilderTls(File(section, "ca"), File(section, "cert"), File(section, "key"), section.Text("server_name"));
        if ((tls.Certificate is null) != (tls.Key is null))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.MissingKey, tls.Key is null ? "`tls` has a `cert` and no `key`" : "`tls` has a `key` and no `cert`") with
            {
                At = section.At,
                Help = "a client's certificate and its key go together",
            });
        }
        section.Finish();
        return tls;
    }

    private static NamedFile? File(Section section, string key) => section.Text(key) is { } path ? new NamedFile(ProjectPath.Clean(path), section.ValuePlace(key)) : null;
}
