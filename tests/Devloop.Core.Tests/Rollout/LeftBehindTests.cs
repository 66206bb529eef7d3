using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public class LeftBehindTests
{
    private const string Live = """
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}}, "template": {"spec": {"containers": [
          {"name": "side"},
          {"name": "main", "readinessProbe": {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "periodSeconds": 10}}]}}}}
        """;

    [Fact]
    public void Of_a_probe_that_was_dropped_the_whole_goes() =>
        In("""{"spec": {"template": {"spec": {"containers": [{"name": "main"}]}}}}""", "spec.template.spec.containers[1].readinessProbe.httpGet.port", 0)
            .ShouldBe(["/spec/template/spec/containers/1/readinessProbe"]);

    [Fact]
    public void Of_a_probe_with_another_handler_first_the_handler_goes_and_then_the_probe()
    {
        const string Exec = """{"spec": {"template": {"spec": {"containers": [{"name": "main", "readinessProbe": {"exec": {"command": ["true"]}}}]}}}}""";
        In(Exec, "spec.template.spec.containers[1].readinessProbe.httpGet.port", 0).ShouldBe(["/spec/template/spec/containers/1/readinessProbe/httpGet"]);
        In(Exec, "spec.template.spec.containers[1].readinessProbe.httpGet.port", 1).ShouldBe(["/spec/template/spec/containers/1/readinessProbe"]);
        In(Exec, "spec.template.spec.containers[1].readinessProbe.httpGet.port", 2).ShouldBeEmpty();
    }

    [Fact]
    public void A_default_that_goes_with_another_value_goes() =>
        In("""{"spec": {"strategy": {"type": "Recreate"}}}""", "spec.strategy.rollingUpdate", 0).ShouldBe(["/spec/strategy/rollingUpdate"]);

    [Theory]
    // What the manifest says itself, what is not there at all, what is no path, and what would take away everything.
    [InlineData("""{"spec": {"template": {"spec": {"containers": [{"name": "main", "readinessProbe": {"httpGet": {"port": 0}}}]}}}}""", "spec.template.spec.containers[1].readinessProbe.httpGet.port")]
    [InlineData("""{"spec": {}}""", "spec.template.spec.containers[1].livenessProbe.exec")]
    [InlineData("""{"spec": {}}""", "")]
    [InlineData("""{}""", "spec")]
    [InlineData("""{"spec": {"template": {"spec": {"containers": [{"name": "main"}]}}}}""", "spec.template.spec.containers[0]")]
    public void All_else_is_the_users_to_mend(string rendered, string field) => In(rendered, field, 0).ShouldBeEmpty();

    [Fact]
    public void What_lies_inside_of_what_goes_is_not_named_again() =>
        LeftBehind.In(Json.Parse(Live), Json.Parse("""{"spec": {"template": {"spec": {"containers": [{"name": "main"}]}}}}"""), Refused("spec.template.spec.containers[1].readinessProbe.httpGet.port", "spec.template.spec.containers[1].readinessProbe"), 0)
            .ShouldBe(["/spec/template/spec/containers/1/readinessProbe"]);

    private static string[] In(string rendered, string field, int climb) => [.. LeftBehind.In(Json.Parse(Live), Json.Parse(rendered), Refused(field), climb)];

    private static ClusterException Refused(params string[] fields) => new(422, "Invalid", "invalid", [.. fields.Select(f => new ClusterCause("FieldValueInvalid", "must be between 1 and 65535", f))]);
}
