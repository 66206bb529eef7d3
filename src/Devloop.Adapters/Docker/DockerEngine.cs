using System.Buffers.Text;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Transport;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Docker;

/// <summary>
/// The images of a Docker Engine. Lookups and tags throw <see cref="EngineUnreachableException"/>, which carries a diagnostic, when
/// the engine does not answer.
/// </summary>
/// <param name="registry">Knows the configs of images from elsewhere, which an engine with containerd's store does not tell.</param>
public sealed class DockerEngine(IDialer dialer, RegistryCredentials credentials, IRegistry? registry = null) : IImageStore, IEngineCleaning, IDisposable
{
    private const string DigestPrefix = "sha256:";

    private readonly EngineClient _client = new(dialer);
    private readonly ContainerdIds _ids = new(registry);
    private EngineInfo? _info;

    /// <summary>Takes in which id the engine has for an image that was just built.</summary>
    public void Learn(ImageDigest digest, string id) => _ids.Learn(digest, id);

    public void Dispose() => _client.Dispose();

    public async Task<EngineProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            EngineInfo info = await InfoAsync(cancellationToken).ConfigureAwait(false);
            return new EngineProbe.Reached(info.Id!, info.ServerVersion!, PlatformOf(info));
        }
        catch (EngineUnreachableException e)
        {
            return new EngineProbe.Unreachable(e.Diagnostic);
        }
    }

    public async Task<ImageDigest?> FindAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        if ((await InspectAsync(digestOrReference, cancellationToken).ConfigureAwait(false))?.Id is not { } id)
            return null;
        EngineInfo info = _info ?? await InfoAsync(cancellationToken).ConfigureAwait(false);
        return !info.IsOfContainerd ? new ImageDigest(id)
            : digestOrReference.StartsWith(DigestPrefix, StringComparison.Ordinal) ? new ImageDigest(digestOrReference)
            : await _ids.ConfigOfAsync(digestOrReference, id, PlatformOf(info), cancellationToken).ConfigureAwait(false);
    }

    public async Task<BaseImage?> DescribeAsync(string digestOrReference, CancellationToken cancellationToken) =>
        await InspectAsync(digestOrReference, cancellationToken).ConfigureAwait(false) is { } image
            ? BaseImage.Of(image.Config?.Environment ?? [], image.Config?.OnBuild ?? []) with
            {
                Entrypoint = [.. image.Config?.Entrypoint ?? []],
                Command = [.. image.Config?.Cmd ?? []],
                WorkingDirectory = image.Config?.WorkingDir is { Length: > 0 } directory ? directory : "/",
            }
            : null;

    private async Task<EngineInfo> InfoAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, "/info", cancellationToken).ConfigureAwait(false);
        EngineInfo? info = response.IsSuccessStatusCode ? await ReadAsync(response, EngineJson.Default.EngineInfo, cancellationToken).ConfigureAwait(false) : null;
        return _info = info is { Id: not null, ServerVersion: not null } ? info : throw Odd(response.StatusCode);
    }

    private static string PlatformOf(EngineInfo info) => $"{info.OsType ?? "linux"}/{PlatformArchitecture(info.Architecture)}";

    /// <summary>What the engine calls an image, or a reference as it is; null when it does not have the image.</summary>
    private async Task<string?> IdOfAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        if (!digestOrReference.StartsWith(DigestPrefix, StringComparison.Ordinal) || !(_info ?? await InfoAsync(cancellationToken).ConfigureAwait(false)).IsOfContainerd)
            return digestOrReference;
        var digest = new ImageDigest(digestOrReference);
        if (_ids.IdOf(digest) is { } known)
            return known;
        var tag = ContentTag.Of(digest);
        string filters = $$"""{"reference":[{{string.Join(',', ContainerdIds.NamesWith(tag).Select(n => $"\"{n}\""))}}]}""";
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, "/images/json?filters=" + Uri.EscapeDataString(filters), cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw Odd(response.StatusCode);
        EngineListed[] listed = await ReadAsync(response, EngineJson.Default.EngineListedArray, cancellationToken).ConfigureAwait(false) ?? [];
        string? id = listed.FirstOrDefault(i => i.Id is not null && i.RepoTags?.Any(t => t.EndsWith(":" + tag, StringComparison.Ordinal)) == true)?.Id;
        if (id is not null)
            _ids.Learn(digest, id);
        return id;
    }

    private async Task<EngineImage?> InspectAsync(string digestOrReference, CancellationToken cancellationToken)
    {
        if (await IdOfAsync(digestOrReference, cancellationToken).ConfigureAwait(false) is not { } id)
            return null;
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, $"/images/{Escape(id)}/json", cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!response.IsSuccessStatusCode)
            throw Odd(response.StatusCode);
        return await ReadAsync(response, EngineJson.Default.EngineImage, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> TagAsync(ImageDigest digest, ImageReference reference, CancellationToken cancellationToken)
    {
        if (await IdOfAsync(digest.Value, cancellationToken).ConfigureAwait(false) is not { } id)
            return false;
        string path = $"/images/{Escape(id)}/tag?repo={Uri.EscapeDataString(reference.Name)}&tag={Uri.EscapeDataString(reference.Tag ?? "latest")}";
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, path, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => false,
            HttpStatusCode.Created => true,
            _ => throw Odd(response.StatusCode),
        };
    }

    public async Task<PushOutcome> PushAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            string login = await LoginHeaderAsync(reference.Domain, cancellationToken).ConfigureAwait(false);
            string path = $"/images/{Escape(reference.Name)}/push?tag={Uri.EscapeDataString(reference.Tag ?? "latest")}";
            using HttpResponseMessage response = await SendAsync(HttpMethod.Post, path, cancellationToken, ("X-Registry-Auth", login)).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return await FollowAsync(response, reference, progress, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return new PushOutcome.Failed(TransferFailure.OfPush(reference, "the engine has no such image"));
            EngineError? error = await ReadAsync(response, EngineJson.Default.EngineError, cancellationToken).ConfigureAwait(false);
            return new PushOutcome.Failed(TransferFailure.OfPush(reference, error?.Message ?? $"HTTP {(int)response.StatusCode}"));
        }
        catch (EngineUnreachableException e)
        {
            return new PushOutcome.Failed(e.Diagnostic);
        }
    }

    private async Task<PushOutcome> FollowAsync(HttpResponseMessage response, ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        (string? digest, Diagnostic? failure) = await ReadTransferAsync(response, text => TransferFailure.OfPush(reference, text), progress, cancellationToken).ConfigureAwait(false);
        return failure is not null ? new PushOutcome.Failed(failure)
            : digest is null ? new PushOutcome.Failed(TransferFailure.OfPush(reference, "the engine named no digest"))
            : new PushOutcome.Pushed(digest);
    }

    /// <summary>Reads what the engine says of a push or a pull to its end: the digest that it names, or what went wrong.</summary>
    private async Task<(string? Digest, Diagnostic? Failure)> ReadTransferAsync(
        HttpResponseMessage response, Func<string, Diagnostic> failure, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        string? digest = null;
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
            while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
            {
                if (text.Length == 0 || JsonSerializer.Deserialize(text, EngineJson.Default.TransferLine) is not { } line)
                    continue;
                if (line.Error is { } error)
                    return (null, failure(error));
                digest = line.Aux?.Digest ?? digest;
                if (line is { Id: { } layer, Status: { } status })
                    progress.Report(new BuildProgress.Transfer(layer, status, line.Detail?.Current ?? 0, line.Detail?.Total ?? 0, IsDone(status)));
            }
        }
        catch (Exception e) when (e is IOException or JsonException or HttpRequestException)
        {
            return (null, Lost(e).Diagnostic);
        }
        return (digest, null);
    }

    public async Task<PullOutcome> PullAsync(ImageReference reference, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            string login = await LoginHeaderAsync(reference.Domain, cancellationToken).ConfigureAwait(false);
            string path = $"/images/create?fromImage={Uri.EscapeDataString(reference.Name)}&tag={Uri.EscapeDataString(reference.Digest ?? reference.Tag ?? "latest")}";
            using HttpResponseMessage response = await SendAsync(HttpMethod.Post, path, cancellationToken, ("X-Registry-Auth", login)).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                (_, Diagnostic? failure) = await ReadTransferAsync(response, text => TransferFailure.OfPull(reference, text), progress, cancellationToken).ConfigureAwait(false);
                return failure is null ? new PullOutcome.Pulled() : new PullOutcome.Failed(failure);
            }
            EngineError? error = await ReadAsync(response, EngineJson.Default.EngineError, cancellationToken).ConfigureAwait(false);
            return new PullOutcome.Failed(TransferFailure.OfPull(reference, error?.Message ?? $"HTTP {(int)response.StatusCode}"));
        }
        catch (EngineUnreachableException e)
        {
            return new PullOutcome.Failed(e.Diagnostic);
        }
    }

    public async Task<EngineContent> ListAsync(CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await SendAsync(HttpMethod.Get, "/system/df", cancellationToken).ConfigureAwait(false);
        // An engine counts for one client at a time and refuses a second one; so it does when an image goes away while it counts.
        for (int tries = 50; answer.StatusCode == HttpStatusCode.InternalServerError && tries > 0; tries--)
        {
            answer.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken).ConfigureAwait(false);
            answer = await SendAsync(HttpMethod.Get, "/system/df", cancellationToken).ConfigureAwait(false);
        }
        using HttpResponseMessage response = answer;
        if (!response.IsSuccessStatusCode || await ReadAsync(response, EngineJson.Default.EngineUsage, cancellationToken).ConfigureAwait(false) is not { } usage)
            throw Odd(response.StatusCode);
        var used = (usage.Containers ?? []).Select(c => c.ImageId).ToHashSet(StringComparer.Ordinal);
        return new EngineContent(
            [.. (usage.Images ?? []).Where(i => i.Id is not null).Select(i => new StoredImage(new ImageDigest(i.Id!), NamesOf(i), i.Size - Math.Max(0, i.SharedSize), used.Contains(i.Id)))],
            usage.LayersSize,
            (usage.BuildCache ?? []).Where(c => c is { InUse: false, Shared: false }).Sum(c => c.Size));
    }

    public async Task<DateTimeOffset?> NamedAtAsync(ImageDigest digest, CancellationToken cancellationToken) =>
        await InspectAsync(digest.Value, cancellationToken).ConfigureAwait(false) is not { } image ? null
        // An image that never had a name says the year 1.
        : image.Metadata?.LastTagTime is { Year: > 1 } named ? named
        : image.Created is { } created && created > DateTimeOffset.UnixEpoch ? created
        : null;

    public async Task<EngineRemoval> RemoveAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Delete, $"/images/{Escape(reference.Familiar)}", cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => EngineRemoval.Removed,
            HttpStatusCode.NotFound => EngineRemoval.Absent,
            HttpStatusCode.Conflict => EngineRemoval.InUse,
            _ => throw Odd(response.StatusCode),
        };
    }

    public async Task<long> PruneCacheAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "/build/prune", cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode && await ReadAsync(response, EngineJson.Default.CachePruned, cancellationToken).ConfigureAwait(false) is { } pruned
            ? pruned.SpaceReclaimed
            : throw Odd(response.StatusCode);
    }

    /// <summary>Without names that say that there is none.</summary>
    private static ImmutableArray<ImageReference> NamesOf(UsedImage image) =>
        [.. (image.RepoTags ?? []).Select(t => ImageReference.TryParse(t, out ImageReference? reference) ? reference : null).OfType<ImageReference>()];

    private static bool IsDone(string status) =>
        status is "Pushed" or "Layer already exists" or "Pull complete" or "Already exists" || status.StartsWith("Mounted from", StringComparison.Ordinal);

    /// <summary>The header must be there even without a login; the alphabet is that of URLs, with padding.</summary>
    private async Task<string> LoginHeaderAsync(string registry, CancellationToken cancellationToken)
    {
        RegistryLogin? login = await credentials.FindAsync(registry, cancellationToken).ConfigureAwait(false);
        EngineLogin content = login switch
        {
            null => new EngineLogin(null, null, null, null),
            { IsIdentityToken: true } => new EngineLogin(null, null, login.Secret, registry),
            _ => new EngineLogin(login.User, login.Secret, null, registry),
        };
        string encoded = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content, EngineJson.Default.EngineLogin));
        return encoded.PadRight((encoded.Length + 3) / 4 * 4, '=');
    }

    /// <summary>Any failure to get an answer becomes <see cref="EngineUnreachableException"/>.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        try
        {
            return await _client.SendAsync(method, path, cancellationToken, headers).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw EngineUnreachable.In(e) is { } unreachable ? unreachable : Lost(e);
        }
    }

    private async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Lost(e);
        }
    }

    private EngineUnreachableException Lost(Exception inner) =>
        dialer.Unreachable("the connection was lost", dialer.Server.LostHelp, inner);

    private EngineUnreachableException Odd(HttpStatusCode status) =>
        dialer.Unreachable($"it answered with HTTP status {(int)status}", "what listens there may not be a Docker Engine; `docker version` shows what the docker client reaches");

    /// <summary>From the names of uname(1) to those of platforms.</summary>
    private static string PlatformArchitecture(string? machine) => machine switch
    {
        "x86_64" or null => "amd64",
        "aarch64" => "arm64",
        "armv7l" => "arm/v7",
        "i386" or "i686" => "386",
        _ => machine,
    };

    /// <summary>The slashes of a name stay: the engine's routes take them.</summary>
    private static string Escape(string name) => Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal);
}
