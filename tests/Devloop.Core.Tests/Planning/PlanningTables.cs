using System.Collections.Immutable;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public class PlanningTables
{
    [Theory]
    [InlineData("kind-dev", true)]
    [InlineData("k3d-a", true)]
    [InlineData("minikube", true)]
    [InlineData("docker-desktop", true)]
    [InlineData("colima-work", true)]
    [InlineData("listed", true)]
    [InlineData("Listed", false)]
    [InlineData("kind", false)]
    [InlineData("my-minikube", false)]
    [InlineData("gke_project_zone_kind-dev", false)]
    [InlineData("", false)]
    public void Only_local_and_listed_contexts_may_be_written_to(string context, bool allowed) =>
        ContextPermission.IsAllowed(context, new ClusterSettings { AllowContexts = ["listed"] }).ShouldBe(allowed);

    [Theory]
    [InlineData("api", "127.0.0.1:5005", null, "127.0.0.1:5005/api:devloop-0", "127.0.0.1:5005/api:devloop-0")]
    [InlineData("team/api", "127.0.0.1:5005", "registry:5000", "127.0.0.1:5005/team/api:devloop-0", "registry:5000/team/api:devloop-0")]
    [InlineData("ghcr.io/team/api", "127.0.0.1:5005", null, "127.0.0.1:5005/ghcr.io/team/api:devloop-0", "127.0.0.1:5005/ghcr.io/team/api:devloop-0")]
    [InlineData("localhost:5000/api", "reg.io/team/", null, "reg.io/team/localhost_5000/api:devloop-0", "reg.io/team/localhost_5000/api:devloop-0")]
    [InlineData("reg.io/team/api", "reg.io", null, "reg.io/team/api:devloop-0", "reg.io/team/api:devloop-0")]
    [InlineData("api:v2", "reg.io", null, "reg.io/api:devloop-0", "reg.io/api:devloop-0")]
    public void Images_are_pushed_below_the_registry_and_keep_their_names(string image, string host, string? fromCluster, string pushed, string pulled)
    {
        Delivery.Registry delivery = Delivery.Of(new RegistrySettings(host, fromCluster)).ShouldNotBeNull();
        ImageReference.TryParse(image, out ImageReference? reference).ShouldBeTrue();
        delivery.PushReference(reference!, new ContentTag("devloop-0")).Familiar.ShouldBe(pushed);
        delivery.PullReference(reference!, new ContentTag("devloop-0")).Familiar.ShouldBe(pulled);
    }

    [Theory]
    [InlineData("docker://20.10.24", "seen:1", true)]
    [InlineData("docker://20.10.23", "seen:1", false)]
    [InlineData("containerd://1.7.0", "seen:1", false)]
    [InlineData("docker://20.10.24", "other:1", false)]
    [InlineData("docker://20.10.24", "<none>:<none>", false)]
    [InlineData("docker://20.10.24", "", false)]
    [InlineData("docker://20.10.24", "seen:1,gone:1", true)]
    [InlineData("docker://20.10.24", "gone:1,gone:2,seen:1", true)]
    public async Task Nodes_share_the_engine_when_version_and_images_say_so(string runtime, string images, bool shared)
    {
        var store = new FakeImageStore();
        store.Add(FakeWork.Digest("x"));
        ImageReference.TryParse("seen:1", out ImageReference? seen).ShouldBeTrue();
        await store.TagAsync(FakeWork.Digest("x"), seen!, CancellationToken.None);
        var node = new ClusterNode("node", runtime, "", "", "", [.. images.Split(',', StringSplitOptions.RemoveEmptyEntries)]);
        (await EngineSharing.IsSharedAsync(new EngineProbe.Reached("id", "20.10.24", "linux/amd64"), [node], store, CancellationToken.None)).ShouldBe(shared);
    }

    [Fact]
    public async Task A_cluster_without_nodes_to_read_shares_nothing() =>
        (await EngineSharing.IsSharedAsync(new EngineProbe.Reached("id", "1", "linux/amd64"), [], new FakeImageStore(), CancellationToken.None)).ShouldBeFalse();

    [Theory]
    [InlineData("a", "db web", "base api db-image")]
    [InlineData("web", "db web", "base api db-image")]
    [InlineData("db", "db", "db-image")]
    [InlineData("", "db web other", "base api db-image lone")]
    public void A_selection_brings_what_it_needs(string name, string resources, string images)
    {
        ResolvedProject project = Project();
        ResolvedProject? chosen = Selection.OfResources(project, name.Length == 0 ? [] : [name == "a" ? "web" : name]).Value;
        chosen.ShouldNotBeNull();
        chosen.Resources.Select(r => r.Name.Value).ShouldBe(resources.Split(' '), ignoreOrder: true);
        chosen.Images.Select(r => r.Name.Value).ShouldBe(images.Split(' '), ignoreOrder: true);
    }

    [Fact]
    public void Images_are_selected_with_their_bases_and_without_resources()
    {
        ResolvedProject chosen = Selection.OfImages(Project(), ["api"]).Value.ShouldNotBeNull();
        chosen.Images.Select(i => i.Name.Value).ShouldBe(["base", "api"]);
        chosen.Resources.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("webb", "there is no resource `webb`", "a resource with a similar name exists: `web`")]
    [InlineData("zzzzzz", "there is no resource `zzzzzz`", "the resources are `db`, `other`, `web`")]
    public void An_unknown_name_is_told_with_the_nearest_one(string name, string message, string help)
    {
        Diagnostics.Diagnostic problem = Selection.OfResources(Project(), [name]).Diagnostics.ShouldHaveSingleItem();
        problem.Message.ShouldBe(message);
        problem.Help.ShouldBe(help);
    }

    [Theory]
    [InlineData("a>b b>c", null)]
    [InlineData("a>b b>c c>a", "a b c a")]
    [InlineData("a>b b>b", "b b")]
    [InlineData("a>b a>c b>d c>d", null)]
    public void A_circle_in_any_graph_is_found_as_a_path(string edges, string? path)
    {
        ILookup<string, string> next = edges.Split(' ').Select(e => e.Split('>')).ToLookup(e => e[0], e => e[1]);
        ImmutableArray<string>? found = Cycle.Find(["a", "b", "c", "d"], n => next[n]);
        (found is { } some ? string.Join(' ', some) : null).ShouldBe(path);
    }

    private static ResolvedProject Project() => FakeWork.Load(Shop.With("lone", "db-image", "base").Image("api", "base")
        .Running("db", ["db-image"]).Running("web", ["api"], "depends_on: [db]").Running("other", ["lone"]).Files()).Value!;
}
