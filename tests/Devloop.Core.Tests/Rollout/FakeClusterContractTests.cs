using Devloop.Testing.Clusters;

namespace Devloop.Core.Tests.Rollout;

public sealed class FakeClusterContractTests
{
    public static TheoryData<string> Clauses => [.. ClusterContract.Clauses];

    [Theory]
    [MemberData(nameof(Clauses))]
    public Task The_fake_cluster_keeps_the_contract(string clause) => new ClusterContract(new FakeCluster(), "default").RunAsync(clause);
}
