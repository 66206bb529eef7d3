using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Devloop.Adapters.ClientConfig;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Registry;

/// <summary>Registries by the API of the OCI distribution specification. Each host has connections and tokens of its own, which stay warm.</summary>
public sealed class DistributionRegistry(RegistryCredentials credentials, RegistryOptions options, TimeProvider clock) : IRegistry, IDisposable
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
