using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads one entry of <c>images:</c>.</summary>
internal static class ImageSection
{
    public static ImageTarget? Read(YamlEntry entry, ICollection<Diagnostic> problems)
    {
        string name = entry.Key.Value;
        if (!ImageSelector.TryParse(name, out ImageSelector? selector))
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.BadValue, $"`{name}` is not an image selector") with
            {
                At = entry.Key.At,
                Label = "expected a name such as `api`, `team/api` or `api:v2`",
                Help = "names are lower case, without a digest",
            });
            return null;
        }

        YamlMapping map;
        switch (entry.Value)
        {
            case YamlMapping given:
                map = given;
                break;
            case YamlScalar { IsNull: true } nothing:
                map = YamlMapping.Empty(nothing.At);
                break;
            default:
                problems.Add(Diagnostic.Error(DiagnosticCode.WrongType, $"image `{name}` is a mapping") with
                {
                    At = entry.Value.At,
                    Help = "`context:` and `dockerfile:` stand below the name, indented",
                });
                return null;
        }

        var section = new Section(map, $"image `{name}`", problems);
        string context = ProjectPath.Clean(section.Text("context") ?? ".");
        string? dockerfile = section.Text("dockerfile");
        string? inline = section.Text("dockerfile_inline");
        if (dockerfile is not null && inline is not null)
        {
            problems.Add(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"image `{name}` has both `dockerfile` and `dockerfile_inline`") with
            {
                At = section.Place("dockerfile_inline"),
                Help = "one of the two goes",
            });
        }

        ImmutableArray<string> platforms = Platforms(section);
        var image = new ImageTarget
        {
            Name = new ImageName(name),
            Selector = selector,
            Context = context,
            Dockerfile = inline is not null ? null : dockerfile is not null ? ProjectPath.Clean(dockerfile) : ProjectPath.Join(context, "Dockerfile"),
            DockerfileInline = inline,
            Args = section.TextMap("args", nulls: true),
            Target = section.Text("target"),
            Platform = platforms is [var one] ? one : Platform(section),
            Platforms = platforms.Length > 1 ? platforms : [],
            Ignore = section.Texts("ignore"),
            Only = Only(section),
            Entrypoint = Entrypoint(section),
            ContainerArgs = section.Has("container_args") ? section.Texts("container_args") : null,
            Network = Network(section),
            ExtraHosts = ExtraHosts(section),
            Labels = section.TextMap("labels", nulls: false).ToImmutableSortedDictionary(p => p.Key, p => p.Value!, StringComparer.Ordinal),
            Contexts = ContextsSection.Read(section),
            Secrets = CredentialsSection.Secrets(section),
            Ssh = CredentialsSection.Ssh(section),
            Demands = DemandsSection.Read(section, severalPlatforms: platforms.Length > 1),
            LiveUpdate = LiveUpdateSection.Read(section),
            Tags = Tags(section, selector),
            Pull = section.Flag("pull"),
            MatchInEnv = section.Flag("match_in_env"),
            At = entry.Key.At,
        };
        section.NotYet("custom");
        section.Finish("an image");
        return image;
    }

    private static string? Platform(Section section)
    {
        if (section.Text("platform") is not { } platform)
            return null;
        return IsPlatform(section, "platform", platform) ? platform : null;
    }

    private static ImmutableArray<string> Platforms(Section section)
    {
        if (section.Has("platforms") && section.Has("platform"))
        {
            section.Report(Diagnostic.Error(DiagnosticCode.ConflictingKeys, $"{section.What} has both `platform` and `platforms`") with { At = section.Place("platforms"), Help = "one of the two goes" });
            return [];
        }
        return [.. section.Texts("platforms").Where(p => IsPlatform(section, "platforms", p)).DistinctBy(BuildPlatform.TryParse)];
    }

    private static bool IsPlatform(Section section, string key, string platform)
    {
        string[] parts = platform.Split('/');
        if (parts.Length is 2 or 3 && parts.All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')))
            return true;
        section.Bad(key, $"`{platform}` is not a platform", "expected os/arch or os/arch/variant", "`linux/amd64` and `linux/arm64` are platforms");
        return false;
    }

    /// <summary>A reference, or a tag alone for the image's own name: <c>v1</c> is a tag when nothing in it says that it is a name.</summary>
    private static ImmutableArray<ImageReference> Tags(Section section, ImageSelector image)
    {
        var tags = ImmutableArray.CreateBuilder<ImageReference>();
        foreach (string text in section.Texts("tags"))
        {
            bool alone = text.AsSpan().IndexOfAny('/', ':', '@') < 0;
            if (!ImageReference.TryParse(alone ? "x:" + text : text, out ImageReference? reference) || reference.Digest is not null)
                section.Bad("tags", $"`{text}` is not a name of an image", null, "`v1` is one more tag of the image, `team/other:v1` another name");
            else if (reference.Tag is { } tag && tag.StartsWith(ContentTag.Prefix, StringComparison.Ordinal))
                section.Bad("tags", $"`{text}` is a tag of devloop's own", null, $"tags that begin with `{ContentTag.Prefix}` say what an image holds");
            else
                tags.Add(alone ? image.Reference.WithTag(text) : reference);
        }
        return tags.ToImmutable();
    }

    private static ImmutableArray<string> Only(Section section)
    {
        ImmutableArray<string> only = section.Texts("only");
        foreach (string path in only.Where(p => p.AsSpan().IndexOfAny("*?[") >= 0))
            section.Bad("only", $"`{path}` in `only` is a pattern", "expected a path", "`only` takes files and directories; `ignore` takes patterns");
        return only;
    }

    private static string? Network(Section section)
    {
        string? network = section.Text("network");
        if (network is null or "default")
            return null;
        if (network is not ("none" or "host"))
            section.Bad("network", $"`{network}` is not a network of a build", null, "the networks are `none`, `host` and `default`");
        return network;
    }

    private static Command? Entrypoint(Section section) => section.Find("entrypoint") switch
    {
        null => null,
        YamlScalar text => Command.Shell(text.Value),
        YamlSequence => new Command(section.Texts("entrypoint")),
        { } other => Refuse(section, other),
    };

    private static Command? Refuse(Section section, YamlNode node)
    {
        section.Wrong(node, $"`entrypoint` of {section.What} is a text or a list of texts");
        return null;
    }

    /// <summary>A mapping of host to address, or a list of <c>host:address</c> as Docker's flag takes it.</summary>
    private static ImmutableSortedDictionary<string, string> ExtraHosts(Section section)
    {
        var hosts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (section.Find("extra_hosts") is YamlMapping)
        {
            foreach ((string host, string? address) in section.TextMap("extra_hosts", nulls: false))
                hosts[host] = address!;
            return hosts.ToImmutable();
        }
        foreach (string text in section.Texts("extra_hosts"))
        {
            int cut = text.IndexOfAny([':', '=']);
            if (cut <= 0 || cut == text.Length - 1)
                section.Bad("extra_hosts", $"`{text}` in `extra_hosts` has no address", "expected `host:address`");
            else
                hosts[text[..cut]] = text[(cut + 1)..];
        }
        return hosts.ToImmutable();
    }
}
