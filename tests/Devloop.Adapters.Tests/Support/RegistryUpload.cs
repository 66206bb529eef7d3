using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Devloop.Model;

namespace Devloop.Adapters.Tests.Support;

/// <summary>Puts images into a real registry without an engine: one layer with one file, and a config.</summary>
public sealed class RegistryUpload(HttpClient http, Uri registry)
{
    private const string Manifest = "application/vnd.docker.distribution.manifest.v2+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";

    public RegistryUpload(HttpClient http, string host) : this(http, new Uri($"http://{host}/"))
    {
    }

    /// <summary>Gives the config digest.</summary>
    public async Task<ImageDigest> PutAsync(ImageReference reference, string variable) =>
        (await PutManifestAsync(reference, reference.Tag!, variable, "amd64")).Config;

    public async Task<IReadOnlyDictionary<string, ImageDigest>> PutIndexAsync(ImageReference reference, params string[] platforms)
    {
        var images = new Dictionary<string, ImageDigest>(StringComparer.Ordinal);
        var entries = new List<object>();
        foreach (string platform in platforms)
        {
            string[] parts = platform.Split('/');
            (ImageDigest config, byte[] manifest) = await PutManifestAsync(reference, parts[1], platform, parts[1]);
            images[platform] = config;
            entries.Add(new { mediaType = Manifest, size = manifest.Length, digest = DigestOf(manifest), platform = new { os = parts[0], architecture = parts[1] } });
        }
        await PutManifestAsync(reference, reference.Tag!, JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 2, mediaType = OciIndex, manifests = entries }), OciIndex);
        return images;
    }

    private async Task<(ImageDigest Config, byte[] Bytes)> PutManifestAsync(ImageReference reference, string tag, string variable, string architecture)
    {
        byte[] tar = Layer(variable), layer = Compress(tar);
        byte[] config = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture,
            os = "linux",
            config = new { Env = new[] { $"VARIABLE={variable}" }, OnBuild = new[] { "RUN true" }, WorkingDir = "/work" },
            rootfs = new { type = "layers", diff_ids = new[] { DigestOf(tar) } },
        });
        await PutBlobAsync(reference, config);
        await PutBlobAsync(reference, layer);
        byte[] manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = Manifest,
            config = new { mediaType = "application/vnd.docker.container.image.v1+json", size = config.Length, digest = DigestOf(config) },
            layers = new[] { new { mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip", size = layer.Length, digest = DigestOf(layer) } },
        });
        await PutManifestAsync(reference, tag, manifest, Manifest);
        return (new ImageDigest(DigestOf(config)), manifest);
    }

    private async Task PutManifestAsync(ImageReference reference, string tag, byte[] bytes, string mediaType)
    {
        using var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        using HttpResponseMessage answer = await http.PutAsync(new Uri(registry, $"/v2/{reference.Path}/manifests/{tag}"), content);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private async Task PutBlobAsync(ImageReference reference, byte[] bytes)
    {
        using HttpResponseMessage begun = await http.PostAsync(new Uri(registry, $"/v2/{reference.Path}/blobs/uploads/"), null);
        begun.StatusCode.ShouldBe(HttpStatusCode.Accepted, await begun.Content.ReadAsStringAsync());
        var place = new Uri(registry, begun.Headers.Location!);
        using var content = new ByteArrayContent(bytes);
        using HttpResponseMessage ended = await http.PutAsync(new Uri($"{place}{(place.Query.Length > 0 ? "&" : "?")}digest={DigestOf(bytes)}"), content);
        ended.StatusCode.ShouldBe(HttpStatusCode.Created, await ended.Content.ReadAsStringAsync());
    }

    private static byte[] Layer(string content)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "content") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), ModificationTime = DateTimeOffset.UnixEpoch });
        return bytes.ToArray();
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    private static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
}
