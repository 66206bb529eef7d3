using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every memory of changed containers does.</summary>
public abstract class TouchedContainersContract
{
    private static readonly TouchedFile First = new(new ImageName("api"), "src/a b.txt"), Second = new(new ImageName("base"), "src/ä\n.txt");

    /// <summary>Another run on the same memory.</summary>
    protected abstract ITouchedContainers Open();

    [Fact]
    public void What_was_changed_is_known_to_the_next_run()
    {
        ITouchedContainers memory = Open();
        memory.In("docker://1").ShouldBeEmpty();
        memory.Touch("docker://1", [First]);
        memory.Touch("docker://1", [First, Second]);
        memory.In("docker://1").ShouldBe([First, Second]);
        Open().In("docker://1").ShouldBe([First, Second]);
        Open().In("docker://2").ShouldBeEmpty();
    }

    [Fact]
    public void A_container_that_is_gone_is_forgotten()
    {
        Open().Touch("docker://1", [First]);
        ITouchedContainers memory = Open();
        memory.In("docker://1").ShouldBe([First]);
        memory.Forget("docker://1");
        memory.In("docker://1").ShouldBeEmpty();
        Open().In("docker://1").ShouldBeEmpty();
    }
}
