using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Devloop.Adapters.ClientConfig;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Registry;

/// <summary>Registries by the API of the OCI distribution specification. Each host has connections and tokens of its own, which stay warm.</summary>
public sealed class DistributionRegistry(RegistryCredentials credentials, RegistryOptions options, TimeProvider clock) : IRegistry, IRegistryCleaning, IDisposable
{
    private readonly ConcurrentDictionary<string, RegistryEndpoint> _endpoints = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (RegistryEndpoint endpoint in _endpoints.Values)
            endpoint.Dispose();
    }

    public async Task<RegistryImage?> FindAsync(ImageReference reference, string platform, CancellationToken cancellationToken)
    {
        string name = reference.Digest ?? reference.Tag ?? "latest";
        if (await ReadManifestAsync(reference, name, cancellationToken).ConfigureAwait(false) is not { } read)
            return null;
        ManifestDocument image = read;
        if (read.IsIndex)
        {
            BuildPlatform wanted = BuildPlatform.TryParse(platform) ?? BuildPlatform.LinuxAmd64;
            if (read.DigestFor(wanted) is not { } digest || await ReadManifestAsync(reference, digest, cancellationToken).ConfigureAwait(false) is not { } chosen)
                return null;
            image = chosen;
        }
        return image.ConfigDigest is { } config ? new RegistryImage(read.Digest, read.MediaType, new ImageDigest(config)) : null;
    }

    public async Task<BaseImage?> ReadConfigAsync(ImageReference reference, string platform, CancellationToken cancellationToken)
    {
        if (await FindAsync(reference, platform, cancellationToken).ConfigureAwait(false) is not { } image)
            return null;
        RegistryReply reply = await EndpointOf(reference).SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"/v2/{reference.Path}/blobs/{image.Digest}"), PullScope(reference), cancellationToken).ConfigureAwait(false);
        if (reply.Status == HttpStatusCode.NotFound)
            return null;
        if (reply.Status != HttpStatusCode.OK)
            throw RegistryTrouble.Refused(reference, reply, "read");
        return DigestOf(reply.Body) == image.Digest.Value && ImageConfigReader.Read(reply.Body) is { } config
            ? config
            : throw RegistryTrouble.Odd(reference, "what it sent is not the config of the image");
    }

    public async Task<bool> TagAsync(ImageReference repository, RegistryImage image, string tag, CancellationToken cancellationToken)
    {
        if (await ReadManifestAsync(repository, image.ManifestDigest, cancellationToken).ConfigureAwait(false) is not { } manifest)
            throw RegistryTrouble.Odd(repository, $"it no longer has the image `{image.ManifestDigest}`");
        RegistryReply reply = await EndpointOf(repository).SendAsync(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Put, $"/v2/{repository.Path}/manifests/{tag}") { Content = new ByteArrayContent(manifest.Bytes) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", manifest.MediaType);
            // Registries that know conditional requests keep what is there; the others overwrite.
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
            return request;
        }, $"repository:{repository.Path}:pull,push", cancellationToken).ConfigureAwait(false);
        if (reply.Status is HttpStatusCode.Created or HttpStatusCode.OK or HttpStatusCode.Accepted)
            return true;
        // Registries with immutable tags each say it in their own way.
        return reply.Status is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict or HttpStatusCode.BadRequest
            && await ReadManifestAsync(repository, tag, cancellationToken).ConfigureAwait(false) is not null
            ? false
            : throw RegistryTrouble.Refused(repository, reply, "write");
    }

    public async Task<ImmutableArray<StoredManifest>> ListAsync(ImageReference repository, CancellationToken cancellationToken)
    {
        var tags = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var manifests = new Dictionary<string, ManifestDocument>(StringComparer.Ordinal);
        foreach (string tag in await TagsOfAsync(repository, cancellationToken).ConfigureAwait(false))
        {
            if (await ReadManifestAsync(repository, tag, cancellationToken).ConfigureAwait(false) is not { } manifest)
                continue;
            manifests[manifest.Digest] = manifest;
            if (!tags.TryGetValue(manifest.Digest, out List<string>? named))
                tags[manifest.Digest] = named = [];
            named.Add(tag);
        }
        var stored = ImmutableArray.CreateBuilder<StoredManifest>();
        foreach ((string digest, ManifestDocument manifest) in manifests)
        {
            ImageDigest? image = manifest.ConfigDigest is { } config ? new ImageDigest(config) : null;
            stored.Add(new StoredManifest(digest, [.. tags[digest].Order(StringComparer.Ordinal)], image,
                image is { } known ? await CreatedAsync(repository, known, cancellationToken).ConfigureAwait(false) : null));
        }
        return stored.ToImmutable();
    }

    public async Task<RegistryDeletion> DeleteAsync(ImageReference repository, string manifestDigest, CancellationToken cancellationToken)
    {
        RegistryReply reply = await EndpointOf(repository).SendAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"/v2/{repository.Path}/manifests/{manifestDigest}"), $"repository:{repository.Path}:pull,delete", cancellationToken).ConfigureAwait(false);
        return reply.Status switch
        {
            HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.NoContent => RegistryDeletion.Deleted,
            HttpStatusCode.NotFound => RegistryDeletion.Absent,
            // The specification's answer when deletes are off; some say that they do not implement it.
            HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented => RegistryDeletion.NotSupported,
            HttpStatusCode.BadRequest when RegistryTrouble.HasCode(reply.Body, "UNSUPPORTED") => RegistryDeletion.NotSupported,
            _ => throw RegistryTrouble.Refused(repository, reply, "delete"),
        };
    }

    /// <summary>All tags, page by page; a repository that is not there has none.</summary>
    private async Task<ImmutableArray<string>> TagsOfAsync(ImageReference repository, CancellationToken cancellationToken)
    {
        const int page = 1000;
        var all = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        for (string? last = null; ;)
        {
            string from = last is null ? "" : "&last=" + Uri.EscapeDataString(last);
            RegistryReply reply = await EndpointOf(repository).SendAsync(
                () => new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository.Path}/tags/list?n={page}{from}"), PullScope(repository), cancellationToken).ConfigureAwait(false);
            if (reply.Status == HttpStatusCode.NotFound)
                return [];
            if (reply.Status != HttpStatusCode.OK)
                throw RegistryTrouble.Refused(repository, reply, "read");
            int before = all.Count;
            string[] tags = TagList.Read(reply.Body) ?? throw RegistryTrouble.Odd(repository, "what it sent is no list of tags");
            all.UnionWith(tags);
            // A registry that gives all at once, whatever was asked, adds nothing the second time.
            if (tags.Length < page || all.Count == before)
                return [.. all];
            last = tags[^1];
        }
    }

    private async Task<DateTimeOffset?> CreatedAsync(ImageReference repository, ImageDigest image, CancellationToken cancellationToken)
    {
        RegistryReply reply = await EndpointOf(repository).SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository.Path}/blobs/{image}"), PullScope(repository), cancellationToken).ConfigureAwait(false);
        return reply.Status == HttpStatusCode.OK ? ImageConfigReader.Created(reply.Body) : null;
    }

    private async Task<ManifestDocument?> ReadManifestAsync(ImageReference repository, string tagOrDigest, CancellationToken cancellationToken)
    {
        RegistryReply reply = await EndpointOf(repository).SendAsync(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository.Path}/manifests/{tagOrDigest}");
            foreach (string type in ManifestDocument.MediaTypes)
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
            return request;
        }, PullScope(repository), cancellationToken).ConfigureAwait(false);
        if (reply.Status == HttpStatusCode.NotFound)
            return null;
        if (reply.Status != HttpStatusCode.OK)
            throw RegistryTrouble.Refused(repository, reply, "read");
        string digest = DigestOf(reply.Body);
        if (tagOrDigest.StartsWith("sha256:", StringComparison.Ordinal) && tagOrDigest != digest)
            throw RegistryTrouble.Odd(repository, $"what it sent is not `{tagOrDigest}`");
        return ManifestDocument.Read(reply.Body, digest, reply.MediaType) ?? throw RegistryTrouble.Odd(repository, $"`{tagOrDigest}` is not an image manifest");
    }

    private RegistryEndpoint EndpointOf(ImageReference reference) =>
        _endpoints.GetOrAdd(reference.Domain, domain => new RegistryEndpoint(domain, credentials, options, clock));

    private static string PullScope(ImageReference reference) => $"repository:{reference.Path}:pull";

    private static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
