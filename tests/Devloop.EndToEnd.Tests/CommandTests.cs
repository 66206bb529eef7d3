using System.Text.Json.Nodes;
using Devloop.EndToEnd.Tests.Support;

namespace Devloop.EndToEnd.Tests;

/// <summary>Commands that need neither engine nor cluster: they answer from the config alone.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Version_is_a_line_for_people_and_an_object_for_machines()
    {
        await using TestProject project = Shop();

        (await DevloopProcess.RunAsync(project, "version")).ShouldExitWith(0).Out.ShouldMatch(@"^devloop [0-9]+\.[0-9]+\.[0-9]+");
        Json((await DevloopProcess.RunAsync(project, "version", "--output", "json")).ShouldExitWith(0))["version"]!.GetValue<string>().ShouldMatch(@"^[0-9]+\.[0-9]+\.[0-9]+");
    }

    [Fact]
    public async Task Graph_draws_the_same_edges_in_every_format()
    {
        await using TestProject project = Shop();

        string tree = await GraphAsync(project, "tree"), dot = await GraphAsync(project, "dot"), mermaid = await GraphAsync(project, "mermaid");
        JsonNode json = JsonNode.Parse(await GraphAsync(project, "json"))!;

        tree.ShouldContain("shop-base\n└─ shop-app  → web\n");
        tree.ShouldContain("longest chain 2: shop-base → shop-app");
        dot.ShouldStartWith("digraph");
        dot.ShouldContain("shop-app");
        mermaid.ShouldStartWith("graph");
        mermaid.ShouldContain("shop-base");
        json["nodes"]!.AsArray().Select(n => $"{n!["kind"]} {n["id"]}").Order().ShouldBe(["image shop-app", "image shop-base", "resource web"], ignoreOrder: true);
        json["edges"]!.AsArray().Select(e => $"{e!["from"]} {e["kind"]} {e["to"]}").Order().ShouldBe(["shop-app base shop-base", "web deploys shop-app"], ignoreOrder: true);
    }

    [Fact]
    public async Task Config_tells_the_project_as_it_was_understood_and_no_values_of_args()
    {
        await using TestProject project = Shop();

        Ended text = (await DevloopProcess.RunAsync(project, "config")).ShouldExitWith(0);
        JsonNode config = Json((await DevloopProcess.RunAsync(project, "config", "--output", "json")).ShouldExitWith(0));

        text.Out.ShouldContain("shop-app");
        text.Out.ShouldNotContain("hush");
        config.ToJsonString().ShouldNotContain("hush");
        ((string?)config["name"]).ShouldBe("shop");
        config["images"]!.AsArray().Select(i => (string)i!["name"]!).ShouldBe(["shop-base", "shop-app"]);
        config["images"]![1]!["bases"]!.AsArray().Select(b => (string)b!).ShouldBe(["shop-base"]);
        config["resources"]![0]!["port_forwards"]![0]!.GetValue<string>().ShouldBe("127.0.0.1:3000:8080");
    }

    [Fact]
    public async Task Render_and_dockerfile_without_building_leave_the_references_as_written()
    {
        await using TestProject project = Shop();

        Ended rendered = (await DevloopProcess.RunAsync(project, "render", "--no-build")).ShouldExitWith(0);
        Ended dockerfile = (await DevloopProcess.RunAsync(project, "dockerfile", "shop-app", "--no-build")).ShouldExitWith(0);

        rendered.Out.ShouldContain("image: shop-app\n");
        dockerfile.Out.ShouldBe("FROM shop-base\nCOPY page /page\n");
    }

    [Theory]
    [InlineData("version: 1\nimagse: {}\n", "devloop.yaml:2:1", "`images`")]
    [InlineData("version: 1\nimages:\n  a: {context: nowhere}\n", "devloop.yaml:3:3", "does not exist")]
    [InlineData("version: 1\nimages:\n\ta: {}\n", "devloop.yaml:3", "tab")]
    [InlineData("", "devloop.yaml", "the config is empty")]
    public async Task A_config_with_an_error_is_2_with_place_and_help(string config, string place, string word)
    {
        await using TestProject project = TestProject.Create();
        project.Write("devloop.yaml", config);

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(2).ShouldSay(place, word, "help: ");
    }

    [Theory]
    [InlineData("cii", "`ci`")]
    [InlineData("--outputt", "`--output`")]
    public async Task A_mistyped_command_line_is_2_with_the_nearest_name(string word, string near)
    {
        await using TestProject project = TestProject.Create();

        (await DevloopProcess.RunAsync(project, word)).ShouldExitWith(2).ShouldSay($"`{word}`", near);
    }

    [Fact]
    public async Task No_config_is_2_and_says_how_to_name_one()
    {
        await using TestProject project = TestProject.Create();

        (await DevloopProcess.RunAsync(project, "ci")).ShouldExitWith(2).ShouldSay("devloop.yaml", "-f FILE");
    }

    private static JsonNode Json(Ended ended) => JsonNode.Parse(ended.Out)!;

    private static async Task<string> GraphAsync(TestProject project, string format) =>
        (await DevloopProcess.RunAsync(project, "graph", "--format", format)).ShouldExitWith(0).Out;

    /// <summary>Names need not be unique here: nothing is built.</summary>
    private static TestProject Shop() => TestProject.Create()
        .Write("base.dockerfile", "ARG mood\nFROM scratch\nCOPY banner /banner\n").Write("banner", "banner\n")
        .Write("app.dockerfile", "FROM shop-base\nCOPY page /page\n").Write("page", "page\n")
        .Write("app.yml", ManifestText.Deployment("web", "shop-app"))
        .Write("devloop.yaml", """
            version: 1
            name: shop
            images:
              shop-base: {dockerfile: base.dockerfile, args: {mood: hush}}
              shop-app: {dockerfile: app.dockerfile}
            manifests: [app.yml]
            resources:
              web: {port_forwards: ["3000:8080"]}

            """);
}
