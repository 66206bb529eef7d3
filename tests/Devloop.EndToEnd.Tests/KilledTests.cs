using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>SIGKILL in the middle of everything: the next run carries on from what is whole.</summary>
[Trait("Needs", "Cluster")]
public sealed class KilledTests(KilledTests.Shared shared) : IClassFixture<KilledTests.Shared>
{
    private readonly TestProject _project = shared.Project;

    /// <param name="type">The event that gives the moment: what it tells of has just begun, or has just ended and the next has begun.</param>
    /// <param name="image">The project's image that it is about, or null.</param>
    [Theory]
    [InlineData("build_started", "base")]
    [InlineData("log", "base")]
    [InlineData("log", "app")]
    [InlineData("build_finished", "app")]
    [InlineData("push_finished", "app")]
    [InlineData("deploy_started", null)]
    [InlineData("deploy_finished", null)]
    [InlineData("resource_status", null)]
    public async Task Killed_at_any_moment_the_next_run_carries_on_and_ends_well(string type, string? image)
    {
        string banner = TestProject.Fresh(), page = TestProject.Fresh();
        _project.Write("package/banner.txt", banner).Write("site/index.html", page);

        await using (DevloopProcess killed = DevloopProcess.Start(_project, "ci"))
        {
            await killed.SeenAsync(type, image is null ? null : _project.Image(image));
            await killed.KillAsync();
            killed.Events.All.ShouldNotContain(e => e.Is("summary", null, null, null), "it was over before it was killed");
        }
        await using DevloopProcess next = DevloopProcess.Start(_project, "ci");

        (await next.EndAsync()).ShouldBe(0, next.Events.Text() + next.Errors);
        PodSeen pod = await shared.Namespace.PodAsync(Quickstart.App);
        (await shared.Namespace.FileInPodAsync(pod, "/www/banner.txt")).ShouldBe(banner);
        (await shared.Namespace.FileInPodAsync(pod, "/www/index.html")).ShouldBe(page);
        // Whatever the store of keys gave after a kill is what somebody with an empty store builds.
        string[] images = [_project.Image("base"), _project.Image("app")];
        (await DigestsFromNothingAsync()).ShouldBe(images.Select(i => next.Events.All.Last(e => e.Is("build_finished", i, null, null) && e.Text("digest") is not null).Text("digest")));
    }

    private async Task<IEnumerable<string>> DigestsFromNothingAsync()
    {
        string store = _project.Environment["XDG_CACHE_HOME"]!;
        _project.Environment["XDG_CACHE_HOME"] = store + "-empty";
        try
        {
            Ended built = (await DevloopProcess.RunAsync(_project, "build", "--output", "json")).ShouldExitWith(0);
            return JsonNode.Parse(built.Out)!["images"]!.AsArray().Select(i => (string)i!["digest"]!);
        }
        finally
        {
            _project.Environment["XDG_CACHE_HOME"] = store;
        }
    }

    /// <summary>One project for all moments: what one kill left is what the next run finds.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal TestNamespace Namespace { get; private set; } = null!;

        internal TestProject Project { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Namespace = await TestNamespace.CreateAsync();
            string registry = Environment.GetEnvironmentVariable("DEVLOOP_TEST_REGISTRY") is { Length: > 0 } set ? set : "127.0.0.1:5005";
            Project = await Quickstart.CreateAsync(Namespace, registry: $"registry: {{host: \"{registry}\", push: always}}");
            // A step that says something and takes a moment: killed in the middle of it.
            const string Slow = "RUN [\"/bin/busybox\", \"sh\", \"-c\", \"echo working; /bin/busybox sleep 0.5\"]\n";
            foreach (string file in new[] { "base.dockerfile", "app.dockerfile" })
                Project.Write(file, File.ReadAllText(Project.PathOf(file)) + Slow);
        }

        public async Task DisposeAsync()
        {
            await Project.DisposeAsync();
            await Namespace.DisposeAsync();
        }
    }
}
