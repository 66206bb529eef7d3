using System.Security.Cryptography;
using System.Text;
using Devloop.Adapters.BuildKit.Wire;
using Devloop.Ports;
using Google.Protobuf.Collections;

namespace Devloop.Adapters.BuildKit;

/// <summary>Says a build order in the words of BuildKit's Dockerfile frontend.</summary>
internal static class SolveRequests
{
    /// <summary>The local sources that the frontend asks for.</summary>
    public const string ContextSource = "context";
    public const string DockerfileSource = "dockerfile";

    /// <summary>What the Dockerfile is called on the way; messages name the user's path instead.</summary>
    public const string DockerfileName = "Dockerfile";

    /// <summary>
    /// An ignore file with nothing in it, beside the Dockerfile: it takes the place of the context's own, so that the server filters
    /// nothing. The snapshot is filtered already.
    /// </summary>
    public const string IgnoreFileName = DockerfileName + ".dockerignore";

    public const string EmptyIgnoreFile = "# the files are chosen before they are sent\n";

    public static SolveRequest Of(BuildOrder order, string sessionId)
    {
        var solve = new SolveRequest
        {
            Ref = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            Session = sessionId,
            Frontend = "dockerfile.v0",
            Cache = new CacheOptions(),
        };
        MapField<string, string> attributes = solve.FrontendAttrs;
        attributes["filename"] = DockerfileName;
        attributes["dockerfilekey"] = DockerfileSource;
        // "local" takes a base that the engine has without asking a registry, so that pinned bases work offline.
        attributes["image-resolve-mode"] = order.Pull ? "pull" : "local";
        foreach ((string name, string value) in order.Args)
            attributes["build-arg:" + name] = value;
        foreach ((string name, string value) in order.Labels)
            attributes["label:" + name] = value;
        if (order.Target is not null)
            attributes["target"] = order.Target;
        if (order.Platform is not null)
            attributes["platform"] = order.Platform;
        if (order.NoCache)
            attributes["no-cache"] = ""; // every stage
        if (order.Network is not null)
            attributes["force-network-mode"] = order.Network;
        if (order.Network == "host")
            solve.Entitlements.Add("network.host"); // the daemon must allow it too
        if (order.ExtraHosts.Count > 0)
            attributes["add-hosts"] = string.Join(',', order.ExtraHosts.Select(h => $"{h.Key}={h.Value}"));
        SolveDemands.AddTo(solve, order.Demands, ActionsCache.Of(Environment.GetEnvironmentVariable));
        return solve;
    }

    /// <summary>
    /// Which copy on the server this build's sources are compared with. The image is in it: two images that take different parts
    /// of one directory would undo each other's copy.
    /// </summary>
    public static string SharedKey(BuildOrder order)
    {
        string all = string.Join('\n', Environment.MachineName, Environment.UserName, order.Context.Root, order.Image.Value, order.DockerfileName, order.Target);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
    }
}
