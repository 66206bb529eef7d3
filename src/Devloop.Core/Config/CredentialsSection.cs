using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Yaml;

namespace Devloop.Config;

/// <summary>Reads <c>secrets:</c> and <c>ssh:</c> of an image, in the words of <c>docker build</c> or as a mapping.</summary>
internal static class CredentialsSection
{
    private const string DefaultId = "default";

    /// <summary><c>{token: {file: path}}</c>, <c>{token: {env: NAME}}</c>, or a list of <c>id=token,src=path</c> and <c>id=token,env=NAME</c>.</summary>
    public static ImmutableArray<BuildSecret> Secrets(Section image)
    {
        if (image.Find("secrets") is YamlMapping)
            return [.. image.Sub("secrets")!.Entries.Select(e => FromEntry(image, e)).OfType<BuildSecret>()];
        return [.. image.Items("secrets").Select(n => FromText(image, n)).OfType<BuildSecret>()];
    }

    /// <summary>A list of <c>default</c> or <c>id=socket</c>.</summary>
    public static ImmutableArray<SshAgent> Ssh(Section image)
    {
        var agents = ImmutableArray.CreateBuilder<SshAgent>();
        foreach (YamlNode node in image.Items("ssh"))
        {
            if (image.AsText(node, "an entry of `ssh`") is not { } text)
                continue;
            int equals = text.IndexOf('=');
            string id = (equals < 0 ? text : text[..equals]).Trim();
            agents.Add(new SshAgent(id.Length == 0 ? DefaultId : id, equals < 0 ? null : text[(equals + 1)..], node.At));
        }
        return agents.ToImmutable();
    }

    private static BuildSecret? FromEntry(Section image, YamlEntry entry)
    {
        if (entry.Value is not YamlMapping map)
        {
            image.Wrong(entry.Value, $"secret `{entry.Key.Value}` is a mapping", "`{file: PATH}` or `{env: NAME}` says where its value is");
            return null;
        }
        Section section = image.Inside(map, $"secret `{entry.Key.Value}`");
        BuildSecret? secret = Of(image, entry.Value, entry.Key.Value, section.Text("file"), section.Text("env"));
        section.Finish("a secret");
        return secret;
    }

    private static BuildSecret? FromText(Section image, YamlNode node)
    {
        if (image.AsText(node, "an entry of `secrets`") is not { } text)
            return null;
        string? id = null, file = null, variable = null;
        foreach (string field in text.Split(','))
        {
            int equals = field.IndexOf('=');
            string value = equals < 0 ? "" : field[(equals + 1)..];
            switch (equals < 0 ? field.Trim() : field[..equals].Trim())
            {
                case "id": id = value; break;
                case "src" or "source": file = value; break;
                case "env": variable = value; break;
                case "type" when value is "file" or "env": break;
                default:
                    image.Wrong(node, $"`{field}` says nothing of a secret", "a secret is written as `id=NAME,src=PATH` or `id=NAME,env=VARIABLE`");
                    return null;
            }
        }
        return Of(image, node, id ?? "", file, variable);
    }

    private static BuildSecret? Of(Section image, YamlNode node, string id, string? file, string? variable)
    {
        if (id.Length > 0 && (file is null) != (variable is null))
            return new BuildSecret(id, file is null ? null : ProjectPath.Clean(file), variable, node.At);
        image.Wrong(node, id.Length == 0 ? "a secret has an id" : $"secret `{id}` is either in a file or in an environment variable",
            "`{file: PATH}` or `{env: NAME}` says where its value is");
        return null;
    }
}
