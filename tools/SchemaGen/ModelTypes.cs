using System.Reflection;
using System.Text.RegularExpressions;
using k8s.Models;

namespace SchemaGen;

/// <summary>A model class with the package and name that the Kubernetes API publishes it under.</summary>
internal sealed record ModelType(Type Class, string Package, string Name)
{
    /// <summary>Set for kinds: the API group, empty for core.</summary>
    public string? Group { get; init; }

    public string Version { get; init; } = "v1";
}

/// <summary>The kinds a small cluster serves, and every class that they reach.</summary>
internal static partial class ModelTypes
{
    // In this order: a class belongs to the first package that reaches it.
    private static readonly (string Package, Type[] Kinds)[] Roots =
    [
        ("io.k8s.apimachinery.pkg.apis.meta.v1",
        [
            typeof(V1ObjectMeta), typeof(V1ListMeta), typeof(V1LabelSelector), typeof(V1FieldSelectorRequirement),
            typeof(V1Status), typeof(V1DeleteOptions), typeof(V1Condition), typeof(V1APIResourceList),
            typeof(V1APIGroupList), typeof(V1APIVersions),
        ]),
        ("io.k8s.api.core.v1",
        [
            typeof(V1Namespace), typeof(V1Node), typeof(V1Pod), typeof(V1Service), typeof(V1Endpoints),
            typeof(V1ConfigMap), typeof(V1Secret), typeof(V1ServiceAccount), typeof(Corev1Event),
            typeof(V1PersistentVolume), typeof(V1PersistentVolumeClaim), typeof(V1Binding),
            typeof(V1ReplicationController), typeof(V1PodTemplate), typeof(V1LimitRange), typeof(V1ResourceQuota),
            typeof(V1TopologySelectorTerm),
        ]),
        ("io.k8s.api.apps.v1",
        [
            typeof(V1Deployment), typeof(V1ReplicaSet), typeof(V1DaemonSet), typeof(V1StatefulSet),
            typeof(V1ControllerRevision),
        ]),
        ("io.k8s.api.batch.v1", [typeof(V1Job), typeof(V1CronJob)]),
        ("io.k8s.api.autoscaling.v1", [typeof(V1Scale), typeof(V1HorizontalPodAutoscaler)]),
        ("io.k8s.api.coordination.v1", [typeof(V1Lease)]),
        ("io.k8s.api.discovery.v1", [typeof(V1EndpointSlice)]),
        ("io.k8s.api.networking.v1", [typeof(V1NetworkPolicy), typeof(V1Ingress), typeof(V1IngressClass)]),
        ("io.k8s.api.events.v1", [typeof(Eventsv1Event)]),
        ("io.k8s.api.rbac.v1",
            [typeof(V1Role), typeof(V1RoleBinding), typeof(V1ClusterRole), typeof(V1ClusterRoleBinding)]),
        ("io.k8s.api.policy.v1", [typeof(V1Eviction), typeof(V1PodDisruptionBudget)]),
        ("io.k8s.api.storage.v1", [typeof(V1StorageClass)]),
        ("io.k8s.api.scheduling.v1", [typeof(V1PriorityClass)]),
        ("io.k8s.api.node.v1", [typeof(V1RuntimeClass)]),
        ("io.k8s.api.authentication.v1",
            [typeof(V1TokenReview), typeof(Authenticationv1TokenRequest), typeof(V1SelfSubjectReview)]),
        ("io.k8s.api.authorization.v1",
        [
            typeof(V1SelfSubjectAccessReview), typeof(V1SubjectAccessReview), typeof(V1LocalSubjectAccessReview),
            typeof(V1SelfSubjectRulesReview),
        ]),
        ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1", [typeof(V1CustomResourceDefinition)]),
        ("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1", [typeof(V1APIService)]),
    ];

    public static IReadOnlyDictionary<Type, ModelType> Collect()
    {
        var found = new Dictionary<Type, ModelType>();
        foreach (var (package, kinds) in Roots)
            foreach (var kind in kinds)
                Reach(kind, package, found);
        return found;
    }

    /// <summary>The class of the elements, behind lists, maps and nullable values.</summary>
    public static Type Innermost(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value) return value;
        if (!type.IsGenericType) return type;
        return Innermost(type.GetGenericArguments()[^1]);
    }

    public static bool IsModel(Type type) =>
        type.Namespace == "k8s.Models" && type != typeof(IntOrString) && type != typeof(ResourceQuantity);

    private static void Reach(Type type, string package, Dictionary<Type, ModelType> found)
    {
        if (!IsModel(type) || !found.TryAdd(type, Describe(type, package))) return;
        foreach (var property in type.GetProperties())
            Reach(Innermost(property.PropertyType), package, found);
    }

    private static ModelType Describe(Type type, string package)
    {
        var kind = type.GetCustomAttribute<KubernetesEntityAttribute>();
        var name = ClassPrefix().Replace(type.Name, "");
        return new(type, package, name) { Group = kind?.Group, Version = kind?.ApiVersion ?? "v1" };
    }

    [GeneratedRegex("^(V1((alpha|beta)[0-9]+)?|[A-Z][a-z]+v1)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex ClassPrefix();
}
