using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Configuration;
using Causeway.Kubernetes;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Manifests;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.Capsule;

namespace Causeway.Lab.ClusterDns;

/// <summary>
/// The objects of a cluster's DNS, as kubeadm makes them for CoreDNS. They are the user's once they are there: none is
/// changed when a lab comes up again.
/// </summary>
internal sealed class DnsAddon(KubeClient client, LabConfig config)
{
    /// <summary>Of the cluster addresses' range: kubeadm's choice.</summary>
    private const uint Offset = 10;

    private const string Objects = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: coredns, namespace: kube-system}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: "system:coredns"}
        rules:
        - {apiGroups: [""], resources: [endpoints, services, pods, namespaces], verbs: [list, watch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: "system:coredns"}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:coredns"}
        subjects:
        - {kind: ServiceAccount, name: coredns, namespace: kube-system}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: coredns, namespace: kube-system}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: kube-dns
          namespace: kube-system
          labels: {k8s-app: kube-dns, kubernetes.io/cluster-service: "true", kubernetes.io/name: CoreDNS}
          annotations: {prometheus.io/port: "9153", prometheus.io/scrape: "true"}
        spec:
          selector: {k8s-app: kube-dns}
          ports:
          - {name: dns, port: 53, protocol: UDP}
          - {name: dns-tcp, port: 53, protocol: TCP}
          - {name: metrics, port: 9153, protocol: TCP}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: coredns
          namespace: kube-system
          labels: {k8s-app: kube-dns}
        spec:
          replicas: 2
          selector:
            matchLabels: {k8s-app: kube-dns}
          template:
            metadata:
              labels: {k8s-app: kube-dns}
            spec:
              serviceAccountName: coredns
              dnsPolicy: Default
              containers:
              - name: coredns
                image: registry.k8s.io/coredns/coredns:v1.11.3
                args: ["-conf", /etc/coredns/Corefile]
                ports:
                - {name: dns, containerPort: 53, protocol: UDP}
                - {name: dns-tcp, containerPort: 53, protocol: TCP}
                - {name: metrics, containerPort: 9153, protocol: TCP}
                livenessProbe:
                  httpGet: {path: /health, port: 8080, scheme: HTTP}
                  initialDelaySeconds: 60
                readinessProbe:
                  httpGet: {path: /ready, port: 8181, scheme: HTTP}
                  periodSeconds: 1
                volumeMounts:
                - {name: config-volume, mountPath: /etc/coredns, readOnly: true}
              volumes:
              - name: config-volume
                configMap:
                  name: coredns
                  items:
                  - {key: Corefile, path: Corefile}
        """;

    /// <summary>The addresses of the Service, which pods' resolv.conf names: one of each family.</summary>
    public static IReadOnlyList<IpAddress> Addresses(LabConfig config) =>
        [.. ServiceNetwork.ClusterRanges(config).Select(range => range.Address.Add(Offset))];

    /// <summary>Makes what is missing.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var manifest in ManifestReader.Read(Objects, "cluster DNS"))
        {
            if (manifest.Kind == "ConfigMap")
                manifest.Object["data"] = new JsonObject { ["Corefile"] = DnsConfiguration.DefaultText };
            if (manifest.Kind == "Service") Address(manifest.Object["spec"]!.AsObject());
            var type = BuiltInResources.List.First(t => t.ApiVersion == manifest.ApiVersion && t.Kind == manifest.Kind);
            ApiResource resource = new(type.Group, type.Version, type.Kind, type.Plural, type.Namespaced);
            try
            {
                await client.Create(KubeTypes.Tree(resource), manifest.Object, cancel);
            }
            catch (KubeException e) when (e.IsAlreadyExists)
            {
                // From an earlier time.
            }
        }
    }

    private void Address(JsonObject spec)
    {
        var addresses = Addresses(config);
        spec["clusterIP"] = addresses[0].ToString();
        spec["clusterIPs"] = new JsonArray([.. addresses.Select(a => (JsonNode)a.ToString())]);
        spec["ipFamilyPolicy"] = addresses.Count > 1 ? "RequireDualStack" : "SingleStack";
    }
}
