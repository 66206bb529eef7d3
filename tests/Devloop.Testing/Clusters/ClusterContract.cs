using System.Text;
using System.Text.Json.Nodes;
using Devloop.Ports;
using Devloop.Rollout;
using Shouldly;

namespace Devloop.Testing.Clusters;

/// <summary>What every <see cref="ICluster"/> does, the real one and the fake one. Each run has a namespace of its own that exists.</summary>
public sealed class ClusterContract(ICluster cluster, string @namespace)
{
    private static readonly ObjectKind ConfigMaps = new("v1", "ConfigMap");
    private static readonly ObjectKind Deployments = new("apps/v1", "Deployment");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The names of all clauses, to be run one by one.</summary>
    public static IReadOnlyList<string> Clauses => [.. typeof(ClusterContract).GetMethods().Where(m => m.ReturnType == typeof(Task) && m.DeclaringType == typeof(ClusterContract) && m.Name != nameof(RunAsync)).Select(m => m.Name)];

    public Task RunAsync(string clause) => (Task)typeof(ClusterContract).GetMethod(clause)!.Invoke(this, null)!;

    public async Task The_probe_tells_version_and_namespace()
    {
        ClusterProbe.Reached reached = (await cluster.ProbeAsync(Soon())).ShouldBeOfType<ClusterProbe.Reached>();
        reached.Version.ShouldStartWith("v1.");
        reached.Context.ShouldNotBeEmpty();
        reached.Namespace.ShouldNotBeEmpty();
    }

    public async Task What_was_applied_can_be_read()
    {
        JsonObject applied = await cluster.ApplyAsync(ConfigMap("read", ("a", "1")), Soon());
        applied.Text("metadata", "uid").ShouldNotBeNullOrEmpty();
        JsonObject read = (await cluster.GetAsync(Reference("read"), Soon())).ShouldNotBeNull();
        read.Text("data", "a").ShouldBe("1");
        read.Text("metadata", "resourceVersion").ShouldBe(applied.Text("metadata", "resourceVersion"));
    }

    public async Task What_was_never_applied_is_null() =>
        (await cluster.GetAsync(Reference("never"), Soon())).ShouldBeNull();

    public async Task Applying_the_same_twice_changes_nothing()
    {
        JsonObject first = await cluster.ApplyAsync(ConfigMap("same", ("a", "1")), Soon());
        JsonObject second = await cluster.ApplyAsync(ConfigMap("same", ("a", "1")), Soon());
        second.Text("metadata", "resourceVersion").ShouldBe(first.Text("metadata", "resourceVersion"));
        AppliedState.Covers(second, ConfigMap("same", ("a", "1"))).ShouldBeTrue();
        AppliedState.Covers(second, ConfigMap("same", ("a", "2"))).ShouldBeFalse();
    }

    public async Task A_field_that_is_no_longer_applied_is_removed()
    {
        await cluster.ApplyAsync(ConfigMap("drop", ("a", "1"), ("b", "2")), Soon());
        JsonObject both = (await cluster.GetAsync(Reference("drop"), Soon())).ShouldNotBeNull();
        AppliedState.Covers(both, ConfigMap("drop", ("b", "2"))).ShouldBeFalse();
        JsonObject left = await cluster.ApplyAsync(ConfigMap("drop", ("b", "2")), Soon());
        left["data"]!["a"].ShouldBeNull();
        left.Text("data", "b").ShouldBe("2");
    }

    public async Task A_change_of_the_spec_raises_the_generation()
    {
        JsonObject first = await cluster.ApplyAsync(Deployment("generation", replicas: 0), Soon());
        ((int)first["metadata"]!["generation"]!).ShouldBe(1);
        JsonObject changed = Deployment("generation", replicas: 0);
        changed["spec"]!["minReadySeconds"] = 1;
        ((int)(await cluster.ApplyAsync(changed, Soon()))["metadata"]!["generation"]!).ShouldBe(2);
    }

    public async Task Fields_are_taken_out_all_of_them_or_none()
    {
        JsonObject item = ConfigMap("fields", ("c", "2"), ("d", "3"));
        item["metadata"]!["annotations"] = new JsonObject { ["example.com/a"] = "1" };
        await cluster.ApplyAsync(item, Soon());
        await cluster.RemoveFieldsAsync(Reference("fields"), ["/metadata/annotations/example.com~1a", "/data/c"], Soon());
        JsonObject left = (await cluster.GetAsync(Reference("fields"), Soon())).ShouldNotBeNull();
        left["data"]!.AsObject().Select(d => d.Key).ShouldBe(["d"]);
        left.Text("metadata", "annotations", "example.com/a").ShouldBeNull();
        (await Should.ThrowAsync<ClusterException>(cluster.RemoveFieldsAsync(Reference("fields"), ["/data/d", "/data/none"], Soon()))).Status.ShouldBe(422);
        (await cluster.GetAsync(Reference("fields"), Soon()))!.Text("data", "d").ShouldBe("3");
        (await Should.ThrowAsync<ClusterException>(cluster.RemoveFieldsAsync(Reference("no-such"), ["/data/d"], Soon()))).Status.ShouldBe(404);
    }

    public async Task Deleting_tells_whether_it_was_there()
    {
        await cluster.ApplyAsync(ConfigMap("delete"), Soon());
        (await cluster.DeleteAsync(Reference("delete"), DeletePropagation.Background, Soon())).ShouldBeTrue();
        (await cluster.GetAsync(Reference("delete"), Soon())).ShouldBeNull();
        (await cluster.DeleteAsync(Reference("delete"), DeletePropagation.Background, Soon())).ShouldBeFalse();
    }

    public async Task An_object_with_a_finalizer_is_on_its_way_out_until_that_is_taken_off()
    {
        JsonObject held = ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("example.com/hold");
        await cluster.ApplyAsync((JsonObject)held.DeepClone(), Soon());
        (await cluster.DeleteAsync(Reference("held"), DeletePropagation.Background, Soon())).ShouldBeTrue();
        (await cluster.GetAsync(Reference("held"), Soon())).Text("metadata", "deletionTimestamp").ShouldNotBeNull();

        held["metadata"]!.AsObject().Remove("finalizers");
        await cluster.ApplyAsync(held, Soon());
        (await cluster.GetAsync(Reference("held"), Soon())).ShouldBeNull();
    }

    public async Task A_kind_is_served_once_its_definition_is_established()
    {
        string group = $"{@namespace}.example.com";
        var definition = new ObjectReference(new ObjectKind("apiextensions.k8s.io/v1", "CustomResourceDefinition"), null, $"gadgets.{group}");
        JsonObject gadget = ConfigMap("gadget");
        (gadget["apiVersion"], gadget["kind"]) = ($"{group}/v1", "Gadget");
        gadget.Remove("data");
        try
        {
            await cluster.ApplyAsync(CustomKind.Definition(group, "Gadget"), Soon());
            await using IAsyncEnumerator<WatchNotice> watch = cluster.WatchAsync(definition.Kind, null, null, Soon()).GetAsyncEnumerator();
            while (!(await NextAsync(watch) is WatchNotice.Present { Object: var seen } && seen.Text("metadata", "name") == definition.Name && IsEstablished(seen)))
            {
            }
            (await ServedAsync(gadget)).Text("metadata", "uid").ShouldNotBeNullOrEmpty();
        }
        finally
        {
            await cluster.DeleteAsync(definition, DeletePropagation.Background, Soon());
        }
    }

    /// <summary>A server says that a definition is established a moment before it lists the kind.</summary>
    private async Task<JsonObject> ServedAsync(JsonObject item)
    {
        CancellationToken soon = Soon();
        while (true)
        {
            try
            {
                return await cluster.ApplyAsync(item, soon);
            }
            catch (ClusterException e) when (e.Reason == ClusterException.NoKindMatch)
            {
                await Task.Delay(20, soon);
            }
        }
    }

    public async Task An_unknown_kind_is_refused_as_such()
    {
        JsonObject gadget = ConfigMap("gadget");
        (gadget["apiVersion"], gadget["kind"]) = ("example.com/v1", "Gadget");
        ClusterException refused = await Should.ThrowAsync<ClusterException>(cluster.ApplyAsync(gadget, Soon()));
        refused.Reason.ShouldBe(ClusterException.NoKindMatch);
    }

    public async Task An_object_in_a_missing_namespace_is_refused()
    {
        JsonObject lost = ConfigMap("lost");
        lost["metadata"]!["namespace"] = "no-such-namespace";
        ClusterException refused = await Should.ThrowAsync<ClusterException>(cluster.ApplyAsync(lost, Soon()));
        refused.Status.ShouldBe(404);
        refused.Message.ShouldBe("namespaces \"no-such-namespace\" not found");
    }

    public async Task A_watch_tells_what_is_there_and_then_what_changes()
    {
        JsonObject before = ConfigMap("watched-before", ("a", "1"));
        before["metadata"]!["labels"] = new JsonObject { ["watched"] = "yes" };
        await cluster.ApplyAsync(before, Soon());
        await cluster.ApplyAsync(ConfigMap("not-watched"), Soon());

        await using IAsyncEnumerator<WatchNotice> watch = cluster.WatchAsync(ConfigMaps, @namespace, "watched=yes", Soon()).GetAsyncEnumerator();
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Present>().Object.Text("metadata", "name").ShouldBe("watched-before");
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Synced>();

        before["data"]!["a"] = "2";
        await cluster.ApplyAsync((JsonObject)before.DeepClone(), Soon());
        JsonObject changed = (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Present>().Object;
        changed.Text("data", "a").ShouldBe("2");
        changed.Text("kind").ShouldBe("ConfigMap");

        await cluster.DeleteAsync(Reference("watched-before"), DeletePropagation.Background, Soon());
        (await NextAsync(watch)).ShouldBeOfType<WatchNotice.Gone>().Object.Text("metadata", "name").ShouldBe("watched-before");
    }

    public async Task A_watch_of_an_unknown_kind_is_refused()
    {
        await using IAsyncEnumerator<WatchNotice> watch = cluster.WatchAsync(new ObjectKind("example.com/v1", "Gadget"), @namespace, null, Soon()).GetAsyncEnumerator();
        (await Should.ThrowAsync<ClusterException>(NextAsync(watch))).Reason.ShouldBe(ClusterException.NoKindMatch);
    }

    public async Task A_deployment_gets_ready_through_its_pods()
    {
        await cluster.ApplyAsync(Deployment("rollout", replicas: 2), Soon());
        await UntilAsync<Health.Ready>("rollout");
    }

    public async Task A_deployment_scaled_to_zero_is_ready()
    {
        await cluster.ApplyAsync(Deployment("zero", replicas: 0), Soon());
        (await UntilAsync<Health.Ready>("zero")).Wanted.ShouldBe(0);
    }

    public async Task A_command_runs_in_a_container_and_its_output_and_exit_code_come_back()
    {
        string pod = await PodAsync("exec");
        var (output, errors) = (new StringBuilder(), new StringBuilder());
        ExecOrder Order(params string[] command) =>
            new(@namespace, pod, "main", [.. command]) { Output = (bytes, isError) => (isError ? errors : output).Append(Encoding.UTF8.GetString(bytes.Span)) };

        (await cluster.ExecAsync(Order("/bin/busybox", "echo", "two  words", "$HOME"), Soon())).ExitCode.ShouldBe(0);
        (output.ToString(), errors.ToString()).ShouldBe(("two  words $HOME\n", ""));
        (await cluster.ExecAsync(Order("/bin/busybox", "sh", "-c", "echo no >&2; exit 7"), Soon())).ExitCode.ShouldBe(7);
        errors.ToString().ShouldBe("no\n");
    }

    public async Task A_command_reads_what_it_is_given()
    {
        string pod = await PodAsync("exec-input");
        byte[] sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);
        var got = new MemoryStream();
        var order = new ExecOrder(@namespace, pod, "main", ["/bin/busybox", "head", "-c", "1000000"]) { Input = new MemoryStream(sent), Output = (bytes, _) => got.Write(bytes.Span) };
        (await cluster.ExecAsync(order, Soon())).ExitCode.ShouldBe(0);
        got.ToArray().ShouldBe(sent);
    }

    public async Task A_command_that_cannot_be_run_is_refused()
    {
        string pod = await PodAsync("exec-none");
        ClusterException none = await Should.ThrowAsync<ClusterException>(cluster.ExecAsync(new ExecOrder(@namespace, pod, "main", ["/no/such/program"]), Soon()));
        (none.Reason, none.Message).ShouldSatisfyAllConditions(() => none.Reason.ShouldBe("ExecFailed"), () => none.Message.ShouldContain("/no/such/program"));
        (await Should.ThrowAsync<ClusterException>(cluster.ExecAsync(new ExecOrder(@namespace, "no-such-pod", "main", ["/bin/busybox"]), Soon()))).Status.ShouldBe(404);
        (await Should.ThrowAsync<ClusterException>(cluster.ExecAsync(new ExecOrder(@namespace, pod, "other", ["/bin/busybox"]), Soon()))).Status.ShouldBe(400);
    }

    /// <summary>The name of the ready pod of a new Deployment.</summary>
    private async Task<string> PodAsync(string name)
    {
        await cluster.ApplyAsync(Deployment(name, replicas: 1), Soon());
        JsonObject pod = await new ClusterView(cluster, @namespace).UntilAsync(
            view => view.Find(Deployments, name) is { } workload && WorkloadHealth.Of(workload, view.All("ReplicaSet"), view.All("Pod"), []) is Health.Ready
                ? ForwardChoice.Choose(workload, view.All("ReplicaSet"), view.All("Pod")) : null,
            _ => true,
            Soon());
        return pod.Text("metadata", "name")!;
    }

    /// <summary>Waits until a Deployment is so, by watches of all that its health is judged by.</summary>
    private async Task<THealth> UntilAsync<THealth>(string name) where THealth : Health
    {
        var seen = new ClusterView(cluster, @namespace);
        return (THealth)await seen.UntilAsync(view => view.Find(Deployments, name) is { } workload
            ? WorkloadHealth.Of(workload, view.All("ReplicaSet"), view.All("Pod"), [])
            : null, health => health is THealth, Soon());
    }

    private static bool IsEstablished(JsonObject definition) =>
        definition["status"]?["conditions"] is JsonArray conditions && conditions.Any(c => c.Text("type") == "Established" && c.Text("status") == "True");

    private JsonObject ConfigMap(string name, params ReadOnlySpan<(string Key, string Value)> data)
    {
        var values = new JsonObject();
        foreach ((string key, string value) in data)
            values[key] = value;
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace }, ["data"] = values };
    }

    private JsonObject Deployment(string name, int replicas) => Workloads.Deployment(@namespace, name, replicas);

    private ObjectReference Reference(string name) => new(ConfigMaps, @namespace, name);

    private static CancellationToken Soon() => new CancellationTokenSource(Patience).Token;

    private static async Task<WatchNotice> NextAsync(IAsyncEnumerator<WatchNotice> watch)
    {
        (await watch.MoveNextAsync()).ShouldBeTrue();
        return watch.Current;
    }
}
