using System.Text.Json.Nodes;
using Devloop.Diagnostics;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;
using Devloop.Testing;

namespace Devloop.Core.Tests.Session;

public sealed class ForwardKeeperTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ResourceName Name = new("web");
    private static readonly PortForward Short = new("127.0.0.1", 3000, "3000") { RemoteGiven = false };
    private static readonly PortForward Full = new("127.0.0.1", 9000, "8080");

    private readonly FakePortForwarder _forwarder = new();
    private readonly FakeClock _clock = new();
    private readonly List<SideNews> _told = [];
    private readonly TaskCompletionSource _forwarding = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Where_nothing_listens_is_told_once_and_that_it_works_again()
    {
        await using ForwardKeeper keeper = await OpenAsync(Full);
        keeper.See(View(Pod("web-1")));
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        Diagnostic said = Notices().ShouldHaveSingleItem();
        said.Code.ShouldBe(DiagnosticCode.PortSilent);
        said.Message.ShouldBe("`localhost:9000` leads to port 8080 of pod `web-1`, where nothing listens");
        _forwarder.Connect(9000, null);
        _forwarder.Connect(9000, null);
        _told.OfType<SideNews.Remark>().ShouldHaveSingleItem().Text.ShouldBe("`localhost:9000` is answered by pod `web-1` again");
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        Notices().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Another_pod_with_the_same_trouble_is_told_of_and_the_pod_before_it_is_not()
    {
        await using ForwardKeeper keeper = await OpenAsync(Full);
        keeper.See(View(Pod("web-1")));
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        keeper.See(View(Pod("web-2")));
        _forwarder.Connect(9000, ForwardFault.Unreachable, new ForwardTarget("default", "web-1", 8080));
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        Notices().Select(n => n.Code).ShouldBe([DiagnosticCode.PortSilent, DiagnosticCode.PortSilent]);
        Notices()[1].Message.ShouldContain("`web-2`");
    }

    [Fact]
    public async Task Connections_that_work_are_not_told_of()
    {
        await using ForwardKeeper keeper = await OpenAsync(Full);
        keeper.See(View(Pod("web-1")));
        _forwarder.Connect(9000, null);
        _told.ShouldHaveSingleItem().ShouldBeOfType<SideNews.Forwarding>();
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_yet_may_refuse_but_rights_that_lack_are_told_at_once()
    {
        await using ForwardKeeper keeper = await OpenAsync(Full);
        keeper.See(View(Pod("web-1", ready: false)));
        _forwarder.Connect(9000, ForwardFault.NothingListens);
        _forwarder.Connect(9000, ForwardFault.Unreachable);
        Notices().ShouldBeEmpty();
        _forwarder.Connect(9000, ForwardFault.NotAllowed);
        Notices().ShouldHaveSingleItem().Help.ShouldBe("allow the verbs `get` and `create` on `pods/portforward`");
    }

    [Fact]
    public async Task A_local_port_alone_that_leads_elsewhere_says_how_to_reach_the_same_port()
    {
        await using ForwardKeeper keeper = await OpenAsync(Short);
        keeper.See(View(Pod("web-1")));
        _forwarder.Open[3000].ShouldBe(new ForwardTarget("default", "web-1", 8080));
        _forwarder.Connect(3000, ForwardFault.NothingListens);
        Notices().ShouldHaveSingleItem().Help.ShouldBe("the containers declare port 8080 and not 3000: write `\"3000:3000\"` to reach that one all the same");
    }

    [Fact]
    public async Task A_port_name_that_no_container_has_is_told_once_with_the_nearest()
    {
        await using ForwardKeeper keeper = await OpenAsync(new PortForward("127.0.0.1", 9000, "htpt"));
        keeper.See(View(Pod("web-1")));
        keeper.See(View(Pod("web-2")));
        Diagnostic said = Notices().ShouldHaveSingleItem();
        said.Code.ShouldBe(DiagnosticCode.PortUnknown);
        said.Help.ShouldBe("a port with a similar name exists: `http`");
        _forwarder.Open[9000].ShouldBeNull();
    }

    [Fact]
    public async Task A_busy_port_is_taken_when_it_becomes_free_and_leads_to_the_pod_seen_meanwhile()
    {
        _forwarder.Occupy(9000);
        await using ForwardKeeper keeper = await OpenAsync(Full);
        keeper.See(View(Pod("web-1")));
        await PassAsync();
        Notices().ShouldHaveSingleItem().Code.ShouldBe(DiagnosticCode.PortBusy);
        _forwarder.Occupy(9000, busy: false);
        await PassAsync(isLast: true);
        await _forwarding.Task.WaitAsync(Patience);
        _forwarder.Open[9000].ShouldBe(new ForwardTarget("default", "web-1", 8080));
    }

    [Fact]
    public async Task A_busy_port_that_left_the_config_is_not_taken()
    {
        _forwarder.Occupy(9000);
        await using ForwardKeeper keeper = await OpenAsync(Full);
        await keeper.OpenAsync([Resource()]);
        _forwarder.Occupy(9000, busy: false);
        await PassAsync(isLast: true);
        // A busy port of later is waited for anew: the first wait has ended.
        _forwarder.Occupy(3000);
        await keeper.OpenAsync([Resource(Short)]);
        await PassAsync();
        _forwarder.Open.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_forward_that_the_config_adds_leads_to_the_pod_that_runs()
    {
        await using ForwardKeeper keeper = await OpenAsync();
        keeper.See(View(Pod("web-1")));
        await keeper.OpenAsync([Resource(Full)]);
        _forwarder.Open[9000].ShouldBe(new ForwardTarget("default", "web-1", 8080));
    }

    private async Task<ForwardKeeper> OpenAsync(params PortForward[] forwards)
    {
        var keeper = new ForwardKeeper(_forwarder, _clock, Tell);
        await keeper.OpenAsync([Resource(forwards)]);
        return keeper;
    }

    private void Tell(SideNews news)
    {
        lock (_told)
            _told.Add(news);
        if (news is SideNews.Forwarding)
            _forwarding.TrySetResult();
    }

    private List<Diagnostic> Notices()
    {
        lock (_told)
            return [.. _told.OfType<SideNews.Notice>().Select(n => n.Diagnostic)];
    }

    /// <summary>Lets one wait for a busy port end, and the next begin.</summary>
    private async Task PassAsync(bool isLast = false)
    {
        await _clock.UntilTimersAsync(1, ForwardKeeper.RetryAfter).WaitAsync(Patience);
        _clock.Advance(ForwardKeeper.RetryAfter);
        if (!isLast)
            await _clock.UntilTimersAsync(1, ForwardKeeper.RetryAfter).WaitAsync(Patience);
    }

    private static ResourceDefinition Resource(params PortForward[] forwards) =>
        new() { Name = Name, Settings = new ResourceSettings { PortForwards = [.. forwards] }, Objects = [], Targets = [], ObjectsHash = "" };

    /// <summary>A pod on its own is its own workload.</summary>
    private static ResourceView View(JsonObject pod) => new(Name, [pod], [], [pod]);

    private static JsonObject Pod(string name, bool ready = true) => (JsonObject)JsonNode.Parse($$$"""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{{name}}}", "namespace": "default", "uid": "{{{name}}}"},
         "spec": {"nodeName": "n", "containers": [{"name": "main", "ports": [{"name": "http", "containerPort": 8080}]}]},
         "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "{{{(ready ? "True" : "False")}}}"}]}}
        """)!;
}
