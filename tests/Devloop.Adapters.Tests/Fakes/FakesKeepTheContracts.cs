using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;

namespace Devloop.Adapters.Tests.Fakes;

public sealed class FakeImageBuilderTests : ImageBuilderContract
{
    private readonly FakeImageStore _store = new();
    private readonly FakeImageBuilder _builder;

    public FakeImageBuilderTests() => _builder = new FakeImageBuilder(_store, path => File.Exists(path) ? File.ReadAllBytes(path) : null);

    protected override IImageBuilder Builder => _builder;

    protected override IImageStore Store => _store;

    protected override BuildOrder FailingOrder()
    {
        _builder.FailStep(new ImageName("app"), line: 2, exitCode: 3, "no luck");
        return Order();
    }

    protected override BuildOrder EndlessOrder()
    {
        _builder.Hold(new ImageName("app"), says: "begun");
        return Order();
    }

    [Fact]
    public async Task A_held_build_ends_when_it_is_released()
    {
        HeldBuild hold = _builder.Hold(new ImageName("app"));
        Task<ImageDigest> build = Build(Order());
        await hold.Started;
        build.IsCompleted.ShouldBeFalse();

        hold.Release();

        (await build).ShouldBe(FakeImageBuilder.DigestOf(Order()));
    }
}

public sealed class FakeFileTreeTests : FileTreeContract
{
    private readonly FakeFileTree _tree = new();

    protected override IFileTree Tree => _tree;

    protected override void Put(string path, byte[] content) => _tree.Write(path, content);
}

public sealed class FakeKeyStoreTests : KeyStoreContract
{
    private readonly FakeKeyStore _store = new();

    protected override IKeyStore Store => _store;
}

public sealed class FakeContextReaderTests : ContextReaderContract
{
    private readonly FakeFileTree _tree = new FakeFileTree().Write("elsewhere", "");

    protected override IContextReader Reader => new FakeContextReader(_tree);

    protected override string Root => _tree.Root + "/context";

    protected override void Write(string path, string text) => _tree.Write("context/" + path, text);

    protected override void Delete(string path) => _tree.Delete("context/" + path);
}

public sealed class FakeFileWatcherTests : FileWatcherContract
{
    private readonly FakeFileWatcher _watcher = new();

    protected override IFileWatcher Watcher => _watcher;

    protected override void Change(string path) => _watcher.Change(path);
}

public class FakeRegistryTests : RegistryContract
{
    protected virtual FakeRegistry Fake { get; } = new();

    protected override IRegistry Registry => Fake;

    protected override string Host => "127.0.0.1:5005";

    protected override Task<ImageDigest> PutAsync(ImageReference reference, string variable) =>
        Task.FromResult(Fake.Put(reference, Digest(variable), Config(variable)).Digest);

    protected override Task<IReadOnlyDictionary<string, ImageDigest>> PutIndexAsync(ImageReference reference, params string[] platforms)
    {
        Fake.PutIndex(reference, [.. platforms.Select(p => (p, Digest(p)))]);
        return Task.FromResult<IReadOnlyDictionary<string, ImageDigest>>(platforms.ToDictionary(p => p, Digest));
    }

    private static BaseImage Config(string variable) => new(ImmutableDictionary<string, string>.Empty.Add("VARIABLE", variable), ["RUN true"]);

    private static ImageDigest Digest(string text) => new("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
}

public sealed class FakeRegistryThatKeepsTagsTests : FakeRegistryTests
{
    protected override FakeRegistry Fake { get; } = new() { KeepsTags = true };
}

public sealed class FakeImageStoreTests : ImageStoreContract
{
    private readonly FakeImageStore _store = new() { Registry = new FakeRegistry() };

    protected override IImageStore Store => _store;

    protected override Task<ImageDigest> PutAsync(ImageReference repository, string variable)
    {
        var digest = new ImageDigest("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository + variable))));
        _store.Add(digest, BaseImage.Of([$"VARIABLE={variable}"], []));
        return Task.FromResult(digest);
    }
}

public sealed class FakeNodeImagesTests : NodeImagesContract
{
    private readonly FakeImageStore _store = new();
    private readonly FakeNodeImages _nodes;
    private int _count;

    public FakeNodeImagesTests() => _nodes = new FakeNodeImages(_store);

    protected override INodeImages Nodes => _nodes;

    protected override Task<ImageNode> StartAsync() =>
        Task.FromResult(_nodes.Start($"node-{++_count}", NodeRuntime.Containerd, $"devloop-load.cluster={Cluster}", "devloop-load.role=node"));

    protected override Task StopAsync(ImageNode node)
    {
        _nodes.Stop(node);
        return Task.CompletedTask;
    }

    protected override async Task<ImageReference> PutAsync()
    {
        var digest = new ImageDigest("sha256:" + Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(++_count))));
        ImageReference image = ImageReference.TryParse("app:" + ContentTag.Of(digest), out ImageReference? reference) ? reference : throw new InvalidOperationException();
        _store.Add(digest);
        await _store.TagAsync(digest, image, CancellationToken.None);
        return image;
    }
}

public sealed class FakeProcessRunnerTests : ProcessRunnerContract
{
    private readonly FakeProcessRunner _runner = new();

    public FakeProcessRunnerTests() => _runner.Without(Directory + "/none");

    protected override IProcessRunner Runner => _runner;

    protected override string Directory => "/project";

    protected override CommandWords Writing(int exit, params string[] lines)
    {
        _runner.On("writes", exit, lines);
        return new CommandWords(["writes"], Shell: false);
    }

    protected override CommandWords GoingOn(string line)
    {
        _runner.On("goes on", null, line);
        return new CommandWords(["goes", "on"], Shell: false);
    }
}
