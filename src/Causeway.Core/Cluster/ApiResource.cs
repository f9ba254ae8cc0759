namespace Causeway.Core.Cluster;

/// <summary>One resource of the Kubernetes API: where it is served and what its objects are called.</summary>
/// <param name="Group">Empty for the core group.</param>
public sealed record ApiResource(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of the collection, or of one object, on the API server.</summary>
    public string Path(string? ns = null, string? name = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        var scope = Namespaced && ns is not null ? $"/namespaces/{Uri.EscapeDataString(ns)}" : "";
        return root + scope + "/" + Plural + (name is null ? "" : "/" + Uri.EscapeDataString(name));
    }
}

/// <summary>The resources that Causeway reads or writes.</summary>
public static class ApiResources
{
    /// <summary>The group of Causeway's own kinds.</summary>
    public const string Group = "causeway.dev";

    public static readonly ApiResource Nodes = new("", "v1", "Node", "nodes", false);
    public static readonly ApiResource Namespaces = new("", "v1", "Namespace", "namespaces", false);
    public static readonly ApiResource Pods = new("", "v1", "Pod", "pods", true);
    public static readonly ApiResource Services = new("", "v1", "Service", "services", true);
    public static readonly ApiResource ConfigMaps = new("", "v1", "ConfigMap", "configmaps", true);
    public static readonly ApiResource Secrets = new("", "v1", "Secret", "secrets", true);
    public static readonly ApiResource ServiceAccounts = new("", "v1", "ServiceAccount", "serviceaccounts", true);
    public static readonly ApiResource EndpointSlices =
        new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true);
    public static readonly ApiResource Events = new("", "v1", "Event", "events", true);
    public static readonly ApiResource Deployments = new("apps", "v1", "Deployment", "deployments", true);
    public static readonly ApiResource ReplicaSets = new("apps", "v1", "ReplicaSet", "replicasets", true);
    public static readonly ApiResource DaemonSets = new("apps", "v1", "DaemonSet", "daemonsets", true);
    public static readonly ApiResource CustomResourceDefinitions =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false);

    public static readonly ApiResource IpPools = new(Group, "v1", "IPPool", "ippools", false);
    public static readonly ApiResource IpamBlocks = new(Group, "v1", "IPAMBlock", "ipamblocks", false);
    public static readonly ApiResource BlockAffinities =
        new(Group, "v1", "BlockAffinity", "blockaffinities", false);
}
