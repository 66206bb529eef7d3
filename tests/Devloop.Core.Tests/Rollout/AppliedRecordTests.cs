using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public sealed class AppliedRecordTests
{
    private static readonly RecordPlace Place = RecordPlace.Of(Named("shop"), "dev");

    [Fact]
    public void What_is_written_reads_as_it_was_in_whichever_order()
    {
        AppliedRecord record = new([Object("web", "apps/v1", "Deployment", "web"), Object("uncategorized", "example.com/v1", "Gadget", "a\"b")]);
        JsonObject written = record.Write(Place, "shop");
        AppliedRecord.Read(written).SameAs(record).ShouldBeTrue();
        new AppliedRecord([.. record.Objects.Reverse()]).Write(Place, "shop").ToJsonString().ShouldBe(written.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{\"kind\": 1}")]
    [InlineData("[]")]
    [InlineData("{\"resource\":\"web\",\"apiVersion\":\"v1\",\"kind\":\"\",\"name\":\"x\"}")]
    public void A_line_that_does_not_read_is_as_good_as_none(string line) =>
        AppliedRecord.Read(new JsonObject { ["data"] = new JsonObject { ["objects"] = line } }).Objects.ShouldBeEmpty();

    [Fact]
    public void No_record_is_an_empty_one() => AppliedRecord.Read(null).Objects.ShouldBeEmpty();

    [Fact]
    public void Another_version_of_an_API_is_the_same_object_and_another_namespace_is_not()
    {
        AppliedRecord record = new([Object("web", "apps/v1beta1", "Deployment", "web")]);
        record.With([Object("site", "apps/v1", "Deployment", "web")]).Objects.ShouldBe([Object("site", "apps/v1", "Deployment", "web")]);
        record.With([Object("web", "apps/v1", "Deployment", "web", "other")]).Objects.Length.ShouldBe(2);
        record.Without([Object("site", "apps/v1", "Deployment", "web")]).Objects.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("shop", "devloop-shop")]
    [InlineData("My Shop!", "devloop-my-shop-")]
    public void A_name_that_the_config_says_is_the_same_wherever_the_project_is(string name, string begin)
    {
        RecordPlace here = RecordPlace.Of(Named(name), "dev"), there = RecordPlace.Of(Named(name) with { Root = "/elsewhere" }, "dev");
        here.ShouldBe(there);
        here.Name.ShouldStartWith(begin);
        here.Name.ShouldMatch("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$");
    }

    [Fact]
    public void A_directory_gives_a_name_that_another_directory_of_that_name_does_not_have()
    {
        Project here = Named("app") with { IsNamed = false, Root = "/a/app" };
        RecordPlace.Of(here, "dev").ShouldNotBe(RecordPlace.Of(here with { Root = "/b/app" }, "dev"));
        RecordPlace.Of(here, "dev").ShouldNotBe(RecordPlace.Of(here with { IsNamed = true }, "dev"));
    }

    [Fact]
    public void Names_that_differ_only_in_what_a_cluster_cannot_write_differ_still() =>
        RecordPlace.Of(Named("a b"), "dev").ShouldNotBe(RecordPlace.Of(Named("a.b"), "dev"));

    [Fact]
    public void An_object_is_the_records_own_by_its_mark_and_by_who_applied_it()
    {
        JsonObject item = Json.Parse("""{"kind": "ConfigMap", "metadata": {"name": "x", "annotations": {"a": "b"}}}""");
        Place.MarkIn(item);
        Place.Has(item).ShouldBeFalse("nobody applied it");
        item["metadata"]!["managedFields"] = JsonNode.Parse("""[{"manager": "devloop", "operation": "Apply"}]""");
        Place.Has(item).ShouldBeTrue();
        item.Text("metadata", "annotations", "a").ShouldBe("b");
        (Place with { Namespace = "other" }).Has(item).ShouldBeFalse();
        item["metadata"]!["managedFields"]![0]!["manager"] = "kubectl";
        Place.Has(item).ShouldBeFalse();
    }

    [Fact]
    public void A_Namespace_bears_no_mark()
    {
        JsonObject item = Json.Parse("""{"kind": "Namespace", "metadata": {"name": "x"}}""");
        Place.MarkIn(item);
        item["metadata"]!.AsObject().ContainsKey("annotations").ShouldBeFalse();
    }

    private static Project Named(string name) => new() { Name = name, Root = "/project", ConfigFile = "devloop.yaml" };

    private static RecordedObject Object(string resource, string version, string kind, string name, string @namespace = "dev") =>
        new(resource, new ObjectReference(new ObjectKind(version, kind), @namespace, name));
}
