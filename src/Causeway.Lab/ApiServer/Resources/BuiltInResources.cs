namespace Causeway.Lab.ApiServer.Resources;

/// <summary>The kinds of Kubernetes itself that the server serves.</summary>
public static class BuiltInResources
{
    private static readonly ScalePaths Replicas = new(
        ["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    private static readonly string[] All = ["all"];
    private static readonly string[] CreateOnly = ["create"];
    private static readonly string[] Connect = ["create", "get"];
    private static readonly string[] GetOnly = ["get"];

    public static readonly ResourceType Namespaces = Core("Namespace", "namespaces", false, ["ns"]) with
    {
        HasStatus = true, Subresources = [new("finalize", "Namespace", ["update"])],
    };

    public static readonly ResourceType Pods = Core("Pod", "pods", true, ["po"]) with
    {
        HasStatus = true, Categories = All,
        Subresources =
        [
            new("attach", "PodAttachOptions", Connect), new("binding", "Binding", CreateOnly),
            new("eviction", "Eviction", CreateOnly, "policy", "v1"),
            new("exec", "PodExecOptions", Connect), new("log", "Pod", GetOnly),
        ],
    };

    public static readonly ResourceType Services =
        Core("Service", "services", true, ["svc"]) with { HasStatus = true, Categories = All };

    public static readonly ResourceType Events = Core("Event", "events", true, ["ev"]);

    public static readonly ResourceType CustomResourceDefinitions =
        Make("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false,
            ["crd", "crds"]) with
        {
            HasStatus = true, Categories = ["api-extensions"],
        };

    /// <summary>In the order in which discovery tells them.</summary>
    public static readonly IReadOnlyList<ResourceType> List =
    [
        Namespaces,
        Core("Node", "nodes", false, ["no"]) with { HasStatus = true },
        Pods,
        Services,
        Core("Endpoints", "endpoints", true, ["ep"]),
        Core("ConfigMap", "configmaps", true, ["cm"]),
        Core("Secret", "secrets", true, []),
        Core("ServiceAccount", "serviceaccounts", true, ["sa"]) with
        {
            Subresources = [new("token", "TokenRequest", CreateOnly, "authentication.k8s.io", "v1")],
        },
        Events,
        Core("PersistentVolumeClaim", "persistentvolumeclaims", true, ["pvc"]) with { HasStatus = true },
        Core("PersistentVolume", "persistentvolumes", false, ["pv"]) with { HasStatus = true },
        Apps("Deployment", "deployments", ["deploy"]) with { Scale = Replicas },
        Apps("ReplicaSet", "replicasets", ["rs"]) with { Scale = Replicas },
        Apps("DaemonSet", "daemonsets", ["ds"]),
        Apps("StatefulSet", "statefulsets", ["sts"]) with { Scale = Replicas },
        Apps("ControllerRevision", "controllerrevisions", []) with { HasStatus = false, Categories = [] },
        Make("events.k8s.io", "v1", "Event", "events", true, ["ev"]) with
        {
            StorageKey = Events.StorageKey, StorageApiVersion = Events.StorageApiVersion,
        },
        Make("coordination.k8s.io", "v1", "Lease", "leases", true, []),
        Make("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, []),
        Make("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", true, ["netpol"]),
        Make("networking.k8s.io", "v1", "Ingress", "ingresses", true, ["ing"]) with { HasStatus = true },
        Make("networking.k8s.io", "v1", "IngressClass", "ingressclasses", false, []),
        Make("rbac.authorization.k8s.io", "v1", "Role", "roles", true, []),
        Make("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, []),
        Make("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, []),
        Make("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, []),
        CustomResourceDefinitions,
    ];

    private static ResourceType Core(string kind, string plural, bool namespaced, string[] shortNames) =>
        Make("", "v1", kind, plural, namespaced, shortNames);

    private static ResourceType Apps(string kind, string plural, string[] shortNames) =>
        Make("apps", "v1", kind, plural, true, shortNames) with { HasStatus = true, Categories = All };

    private static ResourceType Make(
        string group, string version, string kind, string plural, bool namespaced,
            string[] shortNames) => new()
        {
            Group = group, Version = version, Kind = kind, Plural = plural,
                Singular = kind.ToLowerInvariant(),
            Namespaced = namespaced, ShortNames = shortNames,
            StorageApiVersion = group.Length == 0 ? version : $"{group}/{version}",
            StorageKey = group.Length == 0 ? plural : $"{group}/{plural}",
        };
}
