using Devloop.Testing.Clusters;

namespace Devloop.Adapters.Tests.Kubernetes;

[Trait("Needs", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class KubernetesClusterContractTests(TestCluster test)
{
    public static TheoryData<string> Clauses => [.. ClusterContract.Clauses];

    [Theory]
    [MemberData(nameof(Clauses))]
    public Task The_real_cluster_keeps_the_contract(string clause) => new ClusterContract(test.Cluster, test.Namespace).RunAsync(clause);
}
