using System.Collections.Frozen;

namespace Devloop.Manifests;

/// <summary>The order in which kinds are applied, so that what others need is there first; the order of Helm's installer. Deleting goes backwards.</summary>
public static class ApplyOrder
{
    private static readonly FrozenDictionary<string, int> Ranks = new[]
    {
        "PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
        "ServiceAccount", "Secret", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition",
        "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Service", "DaemonSet", "Pod", "ReplicationController", "ReplicaSet",
        "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob", "IngressClass", "Ingress", "APIService",
    }.Select((kind, rank) => (kind, rank)).ToFrozenDictionary(k => k.kind, k => k.rank);

    /// <summary>Kinds that nothing is known of come after the known ones, and webhooks, which could refuse the others, last.</summary>
    public static int RankOf(string kind) =>
        kind is "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" or "ValidatingAdmissionPolicyBinding" ? Ranks.Count + 1 : Ranks.GetValueOrDefault(kind, Ranks.Count);

    /// <summary>By rank; objects of one kind stay in the order of the manifests.</summary>
    public static IEnumerable<KubernetesObject> Sort(IEnumerable<KubernetesObject> objects) => objects.OrderBy(o => RankOf(o.Kind));
}
