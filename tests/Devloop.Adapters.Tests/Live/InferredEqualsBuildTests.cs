using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Session;
using Devloop.Testing;
using Devloop.Testing.Scenarios;
using Xunit.Abstractions;

namespace Devloop.Adapters.Tests.Live;

/// <summary>
/// What the Dockerfile proves is held against the engine: a container of the image before some edits that got what they are said to need
/// shows the same file system as one of an image built after them. <c>DEVLOOP_LIVE_SEED</c> gives the first seed.
/// </summary>
[Trait("Needs", "Engine")]
[UnsupportedOSPlatform("windows")]
public sealed class InferredEqualsBuildTests(TestEngine engine, ITestOutputHelper output) : IClassFixture<TestEngine>, IDisposable
{
    private const int Cases = 200;
    private const string ExternalBase = "devloop.test/infer-external:1";

    private static readonly BaseImage External = BaseImage.Of([], []) with { WorkingDirectory = "/had" };

    private readonly ConcurrentBag<string> _images = [];

    public void Dispose() => StoppedContainers.RemoveAsync(_images).GetAwaiter().GetResult();

    [Fact]
    public async Task A_container_with_its_edits_is_what_a_build_of_them_gives()
    {
        int first = int.TryParse(Environment.GetEnvironmentVariable("DEVLOOP_LIVE_SEED"), CultureInfo.InvariantCulture, out int given) ? given : 1;
        output.WriteLine($"seeds {first} to {first + Cases - 1}");
        await BuildExternalBaseAsync();
        var differences = new ConcurrentBag<string>();
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(Enumerable.Range(first, Cases), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, _) =>
        {
            (string outcome, string? difference) = await TryAsync(seed);
            counts.AddOrUpdate(outcome, 1, (_, n) => n + 1);
            if (difference is not null)
                differences.Add($"seed {seed}: {difference}");
        });
        foreach ((string outcome, int count) in counts.OrderByDescending(c => c.Value))
            output.WriteLine($"{count} {outcome}");
        differences.Order(StringComparer.Ordinal).ShouldBeEmpty();
        counts.GetValueOrDefault("updated").ShouldBeGreaterThan(Cases / 3);
    }

    private async Task<(string Outcome, string? Difference)> TryAsync(int seed)
    {
        for (int attempt = 0; ; attempt++)
        {
            using var files = new TemporaryDirectory();
            var one = new Case(files.Root, $"devloop.test/infer-{Guid.NewGuid():N}", new Random((seed * 1000) + attempt));
            LiveContent then = one.Read();
            string edits = one.Edit();
            LiveContent now = one.Read();
            LivePlan plan = one.Rules.Between(then, now, []);
            if (plan is LivePlan.Build build)
                return ("built: " + build.Why.Text.Split("` ")[^1], null);
            var update = (LivePlan.Update)plan;
            string described = $"\n{one.Described}{edits}\n=> {string.Join("\n   ", update.Entries)}\n";
            // By chance some Dockerfiles cannot be built at all.
            if (await BuildAsync(one, then, noCache: false) is not { } before)
                continue;
            // When nothing but the mode of a directory changed, some engines take the step from their cache; a build without one tells.
            if (await BuildAsync(one, now, noCache: true) is not { } after)
                return ("updated", $"{described}the build fails");
            if (await StoppedContainers.ChangedAsync(before, update.Entries) is not { } changed)
                return ("refused", null);
            string[] built = await StoppedContainers.AsBuiltAsync(after);
            return ("updated", changed.SequenceEqual(built) ? null : $"{described}missing {string.Join(", ", built.Except(changed))}\ntoo much {string.Join(", ", changed.Except(built))}");
        }
    }

    /// <summary>Null when BuildKit refuses.</summary>
    private async Task<string?> BuildAsync(Case one, LiveContent content, bool noCache)
    {
        string? built = null;
        foreach (ImageDefinition image in one.Images)
        {
            var order = new BuildOrder
            {
                Image = image.Name,
                DockerfileName = image.DockerfileName,
                DockerfileText = image.Dockerfile.Dockerfile.Source.Content,
                Context = content.Contexts[image.Name],
                NoCache = noCache,
            };
            if (await engine.Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None) is not BuildOutcome.Built done)
                return null;
            built = done.Digest.Value;
            _images.Add(built);
            if (image.Name.Value == one.BaseName)
            {
                await StoppedContainers.TagAsync(built, one.BaseName);
                _images.Add(one.BaseName);
            }
        }
        return built;
    }

    private async Task BuildExternalBaseAsync()
    {
        using var files = new TemporaryDirectory();
        files.WithBusybox().Write("had/a.txt", "of the base\n").Write("had/src/a.txt", "of the base\n").Write("app/b.txt", "of the base\n");
        var order = new BuildOrder { Image = new ImageName("infer-external"), DockerfileName = "Dockerfile", DockerfileText = TestEngine.Busybox + "COPY had /had\nCOPY app /app\nWORKDIR /had\n", Context = files.Snapshot() };
        ImageDigest digest = (await engine.Builder.BuildAsync(order, new RecordedProgress(), CancellationToken.None)).ShouldBeOfType<BuildOutcome.Built>().Digest;
        await StoppedContainers.TagAsync(digest.Value, ExternalBase);
        _images.Add(ExternalBase);
    }

    /// <summary>A project on the disk: an image, sometimes on another one of the project.</summary>
    private sealed class Case
    {
        private readonly RandomImages _random;
        private readonly string _root;
        private readonly int _edits;
        private string _files;

        public Case(string root, string name, Random random)
        {
            _root = _files = root;
            _random = new RandomImages(random, ExternalBase);
            _edits = random.Next(1, 5);
            BaseName = name + "-base:latest";
            bool hasBase = _random.OnBase();
            var tree = new FakeFileTree(root);
            var described = new System.Text.StringBuilder();
            string config = "version: 1\nname: shop\nimages:\n";
            foreach (string image in hasBase ? new[] { "base", "app" } : ["app"])
            {
                string dockerfile = _random.Dockerfile(image == "app" && hasBase ? BaseName : null), ignore = _random.Ignore();
                tree.Write($"{image}/Dockerfile", dockerfile);
                if (ignore.Length > 0)
                    tree.Write($"{image}/.dockerignore", ignore);
                config += $"  {(image == "base" ? $"\"{BaseName}\"" : "app")}: {{context: {image}}}\n";
                Directory.CreateDirectory(Path.Combine(root, image));
                _random.Fill(Path.Combine(root, image));
                described.Append($"{image}:\n{dockerfile}{(ignore.Length > 0 ? $"ignoring {ignore}" : "")}");
            }
            tree.Write("devloop.yaml", config);
            Described = described.ToString();
            Parsed<ResolvedProject> loaded = FakeWork.Load(tree);
            Project = loaded.Value ?? throw new InvalidOperationException(string.Join('\n', loaded.Diagnostics.Select(d => d.Message)));
            var known = ImmutableDictionary<string, BaseImage>.Empty.Add(ExternalBase, External);
            Project = Project.Knowing([.. Project.Images.Select(i => i.Knowing(known).Value!)]);
            Rules = LiveRulesFactory.Inferred(Project, Project.Image(new ImageName("app")), RestartPolicy.Auto);
        }

        public string BaseName { get; }

        public string Described { get; }

        public LiveRules Rules { get; }

        public IEnumerable<ImageDefinition> Images => Project.Graph.BottomUp.Select(Project.Image);

        private ResolvedProject Project { get; }

        /// <summary>Edits a copy of the files, so that both can be built.</summary>
        public string Edit()
        {
            string copy = Path.Combine(_root, "edited");
            Directory.CreateDirectory(copy);
            foreach (ImageDefinition image in Images)
                Process.Start("cp", ["-a", Path.Combine(_root, image.Target.Context), copy]).WaitForExit();
            _files = copy;
            return string.Join("; ", Enumerable.Range(0, _edits).Select(i => _random.Edit(Path.Combine(_files, Images.ElementAt(i % Images.Count()).Target.Context))));
        }

        public LiveContent Read()
        {
            var reader = new InputReader(new ContextReader(), _files);
            return new LiveContent(Project.Images.ToImmutableSortedDictionary(i => i.Name, i => reader.ReadAsync(i, null, CancellationToken.None).GetAwaiter().GetResult().Inputs!.Snapshot));
        }
    }
}
