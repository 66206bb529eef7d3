using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Registry;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Adapters.Tests.Registry;

/// <summary>Registries that are busy, broken, odd or not there, seen from their side.</summary>
public sealed class RegistryTroubleTests : IDisposable
{
    private const string Platform = "linux/amd64";
    private const string Oci = "application/vnd.oci.image.manifest.v1+json";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpListener _listener = new();
    private readonly int _port = OwnRegistry.FreePort();
    private readonly FakeClock _clock = new();
    private readonly DistributionRegistry _registry;
    private readonly ConcurrentQueue<string> _asked = [];

    public RegistryTroubleTests()
    {
        _listener.Prefixes.Add($"http://127.0.0.1:{_port}/");
        _listener.Start();
        _registry = new DistributionRegistry(new RegistryCredentials(new DockerConfigFile("/nowhere")), new RegistryOptions(), _clock);
    }

    public void Dispose()
    {
        _listener.Close();
        _registry.Dispose();
    }

    [Fact]
    public async Task A_busy_registry_is_asked_again_when_it_says()
    {
        Task serving = ServeAsync(c => Busy(c, "7"), Manifest);
        Task<RegistryImage?> finding = FindAsync();

        await _clock.UntilTimersAsync(1, TimeSpan.FromSeconds(7)).WaitAsync(Patience);
        _asked.Count.ShouldBe(1);
        _clock.Advance(TimeSpan.FromSeconds(7));

        (await finding.WaitAsync(Patience)).ShouldNotBeNull().MediaType.ShouldBe(Oci, "the document names no type, so the header's counts");
        await serving;
    }

    [Fact]
    public async Task A_dropped_connection_is_tried_again()
    {
        Task serving = ServeAsync(BreakOff, Manifest);
        Task<RegistryImage?> finding = FindAsync();

        await _clock.UntilTimersAsync(1, TimeSpan.FromSeconds(10)).WaitAsync(Patience);
        _clock.Advance(TimeSpan.FromSeconds(10));

        (await finding.WaitAsync(Patience)).ShouldNotBeNull();
        await serving;
    }

    [Fact]
    public async Task A_registry_that_stays_broken_is_given_up_after_some_tries()
    {
        Task serving = ServeAsync([.. Enumerable.Repeat<Action<HttpListenerContext>>(c => Status(c, 503), 4)]);
        Task<RegistryImage?> finding = FindAsync();
        for (int retry = 0; retry < 3; retry++)
        {
            await _clock.UntilTimersAsync(1, TimeSpan.FromSeconds(10)).WaitAsync(Patience);
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => finding.WaitAsync(Patience))).Diagnostic;

        why.Message.ShouldBe($"the registry `127.0.0.1:{_port}` cannot be used: it answered with HTTP status 503");
        await serving;
    }

    [Fact]
    public async Task Who_may_not_write_is_told_so()
    {
        Task serving = ServeAsync(Manifest, c => Status(c, 403, """{"errors":[{"code":"DENIED","message":"internal words"}]}"""));
        var image = new RegistryImage(DigestOf(ManifestText), Oci, default);

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => _registry.TagAsync(Reference, image, "more", default))).Diagnostic;

        why.Code.ShouldBe(DiagnosticCode.RegistryAuth);
        why.Message.ShouldBe($"`127.0.0.1:{_port}/a/b` cannot be written: the registry `127.0.0.1:{_port}` does not allow it");
        why.Help!.ShouldContain("allowed to write `a/b`");
        await serving;
    }

    [Theory]
    [InlineData(412)]
    [InlineData(409)]
    [InlineData(400)]
    public async Task A_tag_that_the_registry_keeps_is_no_failure(int status)
    {
        Task serving = ServeAsync(Manifest, c => Status(c, status), Manifest);

        (await _registry.TagAsync(Reference, new RegistryImage(DigestOf(ManifestText), Oci, default), "kept", default)).ShouldBeFalse();

        _asked.ShouldContain($"PUT /v2/a/b/manifests/kept *");
        await serving;
    }

    [Fact]
    public async Task What_is_not_what_was_asked_for_is_refused()
    {
        Task serving = ServeAsync(Manifest);

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => _registry.FindAsync(Reference with { Digest = "sha256:" + new string('0', 64) }, Platform, default))).Diagnostic;

        why.Message.ShouldContain("what it sent is not `sha256:0000");
        await serving;
    }

    [Fact]
    public async Task A_registry_that_nobody_runs_is_told_at_once()
    {
        _listener.Stop();

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(FindAsync)).Diagnostic;

        why.Code.ShouldBe(DiagnosticCode.RegistryUnreachable);
        why.Message.ShouldBe($"the registry `127.0.0.1:{_port}` cannot be reached: the connection was refused");
        why.Help.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_told_at_once()
    {
        ImageReference.TryParse("registry.invalid/a/b:1", out ImageReference? reference).ShouldBeTrue();

        Diagnostic why = (await Should.ThrowAsync<RegistryException>(() => _registry.FindAsync(reference!, Platform, default))).Diagnostic;

        why.Message.ShouldStartWith("the registry `registry.invalid` cannot be reached: ");
    }

    private ImageReference Reference =>
        ImageReference.TryParse($"127.0.0.1:{_port}/a/b:first", out ImageReference? reference) ? reference : throw new InvalidOperationException();

    private const string ManifestText = """{"schemaVersion":2,"config":{"digest":"sha256:1111111111111111111111111111111111111111111111111111111111111111"},"layers":[]}""";

    private Task<RegistryImage?> FindAsync() => _registry.FindAsync(Reference, Platform, CancellationToken.None);

    /// <summary>Answers each request in turn. The first, which asks for TLS, never becomes one: it is no HTTP.</summary>
    private async Task ServeAsync(params Action<HttpListenerContext>[] answers)
    {
        foreach (Action<HttpListenerContext> answer in answers)
        {
            HttpListenerContext call = await _listener.GetContextAsync();
            _asked.Enqueue($"{call.Request.HttpMethod} {call.Request.Url!.AbsolutePath} {call.Request.Headers["If-None-Match"]}".TrimEnd());
            answer(call);
        }
    }

    private static void Manifest(HttpListenerContext call)
    {
        call.Response.ContentType = Oci + "; charset=utf-8";
        call.Response.Close(Encoding.UTF8.GetBytes(ManifestText), willBlock: false);
    }

    private static void BreakOff(HttpListenerContext call)
    {
        call.Response.ContentLength64 = ManifestText.Length;
        call.Response.OutputStream.Write(Encoding.UTF8.GetBytes(ManifestText[..10]));
        call.Response.OutputStream.Flush();
        call.Response.Abort();
    }

    private static void Busy(HttpListenerContext call, string after)
    {
        call.Response.Headers["Retry-After"] = after;
        Status(call, 429);
    }

    private static void Status(HttpListenerContext call, int status, string body = "")
    {
        call.Response.StatusCode = status;
        call.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
    }

    private static string DigestOf(string text) => "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
