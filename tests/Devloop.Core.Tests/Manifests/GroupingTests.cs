using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Manifests;
using Devloop.Model;

namespace Devloop.Core.Tests.Manifests;

public class GroupingTests
{
    private static string[] Group(string yaml, Project project)
    {
        ResourcesOf grouped = Grouping.Group(Manifest.Objects(yaml), project);
        grouped.Diagnostics.ShouldBeEmpty();
        return [.. grouped.Resources.Select(r => $"{r.Name}: {string.Join(' ', r.Objects)} [{string.Join(' ', r.Images)}]")];
    }

    private static Project With(Project project, params (string Name, string[] Objects)[] resources) => project with
    {
        Resources = resources.ToImmutableSortedDictionary(r => r.Name, r => new ResourceSettings { Objects = [.. r.Objects] }, StringComparer.Ordinal),
    };

    [Fact]
    public void Workloads_become_resources_with_the_services_that_select_them()
    {
        string yaml = Manifest.Other("ConfigMap", "settings") + Manifest.Deployment("web", "app") + Manifest.Other("Service", "front", "spec: {selector: {app: web}}")
            + Manifest.Other("Service", "lost", "spec: {selector: {app: none}}") + Manifest.Deployment("db", "postgres:16");
        Group(yaml, Manifest.Project("app")).ShouldBe(["web: service/front deployment/web [app]", "db: deployment/db []", "uncategorized: configmap/settings service/lost []"]);
    }

    [Fact]
    public void A_service_of_another_namespace_does_not_join()
    {
        string yaml = Manifest.Deployment("web", "app", ", namespace: a") + Manifest.Other("Service", "front", "spec: {selector: {app: web}}");
        Group(yaml, Manifest.Project("app")).ShouldBe(["web: deployment/web [app]", "uncategorized: service/front []"]);
        Group(yaml, Manifest.Project("app") with { Cluster = new ClusterSettings { Namespace = "a" } }).ShouldBe(["web: service/front deployment/web [app]"]);
    }

    [Fact]
    public void Any_object_that_names_an_image_of_the_project_is_a_resource()
    {
        string yaml = "apiVersion: e.com/v1\nkind: App\nmetadata: {name: custom}\nspec: {template: {containers: [{image: app}]}}\n";
        Group(yaml, Manifest.Project("app")).ShouldBe(["custom: app/custom [app]"]);
        Group(yaml, Manifest.Project("other")).ShouldBe(["uncategorized: app/custom []"]);
    }

    [Fact]
    public void The_config_puts_objects_into_resources()
    {
        string yaml = Manifest.Deployment("web", "app") + Manifest.Other("ConfigMap", "web") + Manifest.Other("Secret", "keys");
        Group(yaml, With(Manifest.Project("app"), ("web", ["web:configmap"]), ("setup", ["KEYS:Secret:default"]))).ShouldBe(["web: configmap/web deployment/web [app]", "setup: secret/keys []"]);
    }

    [Fact]
    public void Names_are_as_short_as_unique()
    {
        string yaml = Manifest.Deployment("a", "x") + Manifest.Other("Pod", "a") + Manifest.Deployment("b", "x", ", namespace: m1") + Manifest.Deployment("b", "x", ", namespace: n1") + Manifest.Deployment("c", "x");
        ObjectNames.Shortest(Manifest.Objects(yaml)).ShouldBe(["a:deployment", "a:pod", "b:deployment:m1", "b:deployment:n1", "c"]);
    }

    [Fact]
    public void A_name_that_nothing_has_is_told_its_nearest()
    {
        Project project = With(Manifest.Project(), ("wbe", []), ("x", ["settigns"]));
        ResourcesOf grouped = Grouping.Group(Manifest.Objects(Manifest.Deployment("web", "app") + Manifest.Other("ConfigMap", "settings")), project);
        grouped.Diagnostics.Select(d => (d.Code, d.Message, d.Help)).ShouldBe(
        [
            ("DL1034", "resource `x` names the object `settigns`, which no manifest has", "an object with a similar name exists: `settings`"),
            ("DL1034", "no manifest makes a resource `wbe`", "a resource with a similar name exists: `web`"),
        ]);
    }

    [Fact]
    public void Kinds_are_applied_before_those_that_need_them()
    {
        string[] kinds = ["ValidatingWebhookConfiguration", "App", "Deployment", "Service", "CustomResourceDefinition", "ConfigMap", "ServiceAccount", "Namespace"];
        ApplyOrder.Sort(Manifest.Objects(string.Concat(kinds.Select(k => Manifest.Other(k, "x"))))).Select(o => o.Kind).ShouldBe(kinds.Reverse());
    }

    [Fact]
    public void An_image_that_nothing_uses_is_warned_about()
    {
        Diagnostic warning = UnusedImages.Find(Manifest.Project("shop-web", "base"), Manifest.Objects(Manifest.Deployment("web", "shop-wbe:1")), i => i.Value == "base").ShouldHaveSingleItem();
        (warning.Code, warning.Severity).ShouldBe(("DL1033", Severity.Warning));
        warning.Message.ShouldBe("image `shop-web` is used by no manifest and is no base of another image");
        warning.Help.ShouldBe("the manifests name a similar image: `shop-wbe`");
    }

    [Fact]
    public void An_object_is_the_same_in_another_version_of_its_group()
    {
        var objects = Manifest.Objects("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n---\napiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a, namespace: ns}\n");
        objects[0].IdentityIn("ns").ShouldBe(objects[1].IdentityIn("ns"));
        objects[0].IdentityIn("m").ShouldNotBe(objects[1].IdentityIn("m"));
    }
}
