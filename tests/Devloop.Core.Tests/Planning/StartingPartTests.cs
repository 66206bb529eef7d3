using Devloop.Diagnostics;
using Devloop.Planning;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning;

public sealed class StartingPartTests
{
    private static ResolvedProject Project(Shop shop) => FakeWork.Load(shop.Files()).Value.ShouldNotBeNull();

    private static string Part(Shop shop)
    {
        ResolvedProject part = StartingPart.Of(Project(shop));
        return string.Join(' ', part.Images.Select(i => i.Name.Value)) + " | " + string.Join(' ', part.Resources.Select(r => r.Name.Value));
    }

    [Fact]
    public void What_does_not_start_by_itself_is_left_out_with_the_images_that_only_it_needs() =>
        Part(Shop.With("base").Feeding("app", "tool").Image("alone").Running("web", ["app"]).Running("tools", ["tool"], "auto_start: false"))
            .ShouldBe("base app alone | web");

    [Fact]
    public void A_base_that_only_it_needs_goes_too() =>
        Part(Shop.With("base").Feeding("tool").Image("app").Running("web", ["app"]).Running("tools", ["tool"], "auto_start: false")).ShouldBe("app | web");

    [Fact]
    public void What_something_depends_on_is_not_left_out() =>
        Part(Shop.With("app", "data").Running("web", ["app"], "depends_on: [db]").Running("db", ["data"], "auto_start: false")).ShouldBe("app data | db web");

    [Fact]
    public void Manual_is_no_reason_to_leave_anything_out()
    {
        ResolvedProject project = Project(Shop.With("app").Running("web", ["app"], "trigger: manual"));
        StartingPart.Of(project).ShouldBeSameAs(project);
    }

    [Fact]
    public void A_name_means_an_image_a_resource_or_both()
    {
        ResolvedProject project = Project(Shop.With("web", "base").Running("web", ["web"]));
        NamedTargets both = NamedTargets.Of(project, ["web"]).Value.ShouldNotBeNull();
        (both.Images.Length, both.Resources.Length).ShouldBe((1, 1));
        NamedTargets image = NamedTargets.Of(project, ["base", "base"]).Value.ShouldNotBeNull();
        (image.Images.Length, image.Resources.Length).ShouldBe((1, 0));
        NamedTargets.Of(project, []).Value.ShouldNotBeNull().Images.ShouldBeEmpty();
        NamedTargets.OfResources(project, ["web"]).Value.ShouldNotBeNull().Images.ShouldBeEmpty();
        Diagnostic unknown = NamedTargets.OfResources(project, ["base"]).Diagnostics.ShouldHaveSingleItem();
        unknown.Code.ShouldBe(DiagnosticCode.UnknownName);
    }
}
