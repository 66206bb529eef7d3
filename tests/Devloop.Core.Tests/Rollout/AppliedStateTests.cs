using System.Text.Json.Nodes;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public sealed class AppliedStateTests
{
    /// <summary>What a real 1.20 server gave for <see cref="Rendered"/>, shortened.</summary>
    private const string Live = """
        {
          "apiVersion": "apps/v1", "kind": "Deployment",
          "metadata": {"name": "web", "namespace": "default", "uid": "u", "generation": 1, "labels": {"app": "web"},
            "managedFields": [
              {"manager": "devloop", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "fieldsV1": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:metadata": {"f:labels": {"f:app": {}}}, "f:spec": {"f:containers": {
                  "k:{\"name\":\"main\"}": {".": {}, "f:name": {}, "f:image": {}, "f:command": {},
                    "f:env": {"k:{\"name\":\"MODE\"}": {".": {}, "f:name": {}, "f:value": {}}},
                    "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                    "f:resources": {"f:limits": {"f:cpu": {}, "f:memory": {}}}}}}}}}},
              {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": {"f:status": {"f:replicas": {}}}}]},
          "spec": {"replicas": 1, "revisionHistoryLimit": 10, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"creationTimestamp": null, "labels": {"app": "web"}}, "spec": {"restartPolicy": "Always", "containers": [
              {"name": "injected", "image": "sidecar"},
              {"name": "main", "image": "web:1", "imagePullPolicy": "IfNotPresent", "command": ["run", "it"],
                "env": [{"name": "MODE", "value": "1.0"}], "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}]}}},
          "status": {"replicas": 1}
        }
        """;

    private const string Rendered = """
        {
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"app": "web"}, "creationTimestamp": null},
          "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
            {"name": "main", "image": "web:1", "command": ["run", "it"], "env": [{"name": "MODE", "value": "1.0"}], "ports": [{"containerPort": 80}],
              "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}]}}},
          "status": {}
        }
        """;

    [Fact]
    public void What_was_applied_covers_itself_in_spite_of_defaults_and_other_managers() => Covers(Rendered).ShouldBeTrue();

    [Theory]
    [InlineData("\"image\": \"web:1\"", "\"image\": \"web:2\"")]
    [InlineData("\"value\": \"1.0\"", "\"value\": \"1\"")]
    [InlineData("\"cpu\": 0.5", "\"cpu\": 0.6")]
    [InlineData("[\"run\", \"it\"]", "[\"run\"]")]
    [InlineData("\"replicas\": 1", "\"replicas\": 2")]
    [InlineData("\"containerPort\": 80", "\"containerPort\": 81")]
    [InlineData("\"name\": \"main\"", "\"name\": \"other\"")]
    [InlineData("\"labels\": {\"app\": \"web\"}, \"creationTimestamp\"", "\"labels\": {\"app\": \"web\", \"tier\": \"x\"}, \"creationTimestamp\"")]
    public void A_changed_or_added_field_is_not_covered(string before, string after) => Covers(Replace(before, after)).ShouldBeFalse();

    [Theory]
    [InlineData("\"env\": [{\"name\": \"MODE\", \"value\": \"1.0\"}], ", "")]
    [InlineData("{\"name\": \"MODE\", \"value\": \"1.0\"}", "")]
    [InlineData("\"command\": [\"run\", \"it\"], ", "")]
    [InlineData("\"labels\": {\"app\": \"web\"}, \"creationTimestamp\"", "\"creationTimestamp\"")]
    [InlineData("\"replicas\": 1, ", "")]
    [InlineData("{\"containerPort\": 80}", "")]
    public void A_field_that_devloop_owns_and_no_longer_wants_is_not_covered(string before, string after) => Covers(Replace(before, after)).ShouldBeFalse();

    [Fact]
    public void What_somebody_else_applied_is_not_covered() =>
        AppliedState.Covers(Json.Parse(Live.Replace("\"devloop\"", "\"kubectl\"", StringComparison.Ordinal)), Json.Parse(Rendered)).ShouldBeFalse();

    [Fact]
    public void The_texts_of_a_secret_are_compared_with_its_data()
    {
        JsonObject live = Json.Parse("""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "managedFields": [{"manager": "devloop", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:data": {"f:a": {}}}}]}, "data": {"a": "eA=="}}""");
        AppliedState.Covers(live, Json.Parse("""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "x"}}""")).ShouldBeTrue();
        AppliedState.Covers(live, Json.Parse("""{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "y"}}""")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("1", "1000m", true)]
    [InlineData("1Gi", "1073741824", true)]
    [InlineData("1e3", "1k", true)]
    [InlineData("0.1", "100m", true)]
    [InlineData("1E", "1e18", true)]
    [InlineData("1G", "1Gi", false)]
    [InlineData("1", "one", false)]
    [InlineData("1x", "1x1", false)]
    public void Quantities_are_compared_as_amounts(string live, string wanted, bool covered)
    {
        string fields = """[{"manager": "devloop", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {}}]""";
        AppliedState.Covers(
            Json.Parse($$$"""{"apiVersion": "v1", "metadata": {"managedFields": {{{fields}}} }, "spec": {"limits": {"cpu": "{{{live}}}"} } }"""),
            Json.Parse($$$"""{"apiVersion": "v1", "spec": {"limits": {"cpu": "{{{wanted}}}"} } }""")).ShouldBe(covered);
    }

    private static bool Covers(string rendered) => AppliedState.Covers(Json.Parse(Live), Json.Parse(rendered));

    private static string Replace(string before, string after)
    {
        Rendered.ShouldContain(before);
        return Rendered.Replace(before, after, StringComparison.Ordinal);
    }
}
