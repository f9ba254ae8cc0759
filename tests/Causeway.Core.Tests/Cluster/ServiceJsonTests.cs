using System.Text.Json;
using Causeway.Core.Cluster;

namespace Causeway.Core.Tests.Cluster;

public sealed class ServiceJsonTests
{
    [Fact]
    public void A_service_is_read_with_everything_a_proxy_needs()
    {
        var service = JsonSerializer.Deserialize(
            """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},
             "spec":{"type":"LoadBalancer","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9","fd00:96::9"],
              "ipFamilies":["IPv4","IPv6"],"selector":{"app":"web"},
              "ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":"web","nodePort":30080,
                "appProtocol":"kubernetes.io/h2c"}],
              "externalIPs":["192.0.2.7"],"loadBalancerSourceRanges":["198.51.100.0/24"],
              "sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}},
              "externalTrafficPolicy":"Local","internalTrafficPolicy":"Cluster","healthCheckNodePort":31999,
              "publishNotReadyAddresses":true,"trafficDistribution":"PreferClose"},
             "status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.5","ipMode":"Proxy"},{"ip":"203.0.113.6"}]}}}
            """, ClusterJson.Default.Service)!;
        Assert.Equal(["10.96.0.9", "fd00:96::9"], service.Spec.ClusterIPs!);
        Assert.Equal(new ServicePort("http", "TCP", 80, 30080, "kubernetes.io/h2c"), service.Spec.Ports!.Single());
        Assert.Equal(60, service.Spec.SessionAffinityConfig!.ClientIP!.TimeoutSeconds);
        Assert.Equal((31999, "Local"), (service.Spec.HealthCheckNodePort, service.Spec.ExternalTrafficPolicy));
        Assert.Equal([false, true], service.Status!.LoadBalancer!.Ingress!.Select(i => i.IsVip));
        Assert.Equal("web", service.Spec.Selector!["app"]);
    }

    [Fact]
    public void Absent_conditions_of_an_endpoint_mean_ready_serving_and_not_terminating()
    {
        var slice = JsonSerializer.Deserialize(
            """
            {"metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},
             "addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP"},{}],
             "endpoints":[
              {"addresses":["10.244.0.5"],"nodeName":"n1","zone":"z1","hints":{"forZones":[{"name":"z1"}],
               "forNodes":[{"name":"n1"}]}},
              {"addresses":["10.244.0.6"],"conditions":{"ready":false,"serving":true,"terminating":true}},
              {"addresses":["10.244.0.7"],"conditions":{"ready":false}}]}
            """, ClusterJson.Default.EndpointSlice)!;
        Assert.Equal(
            [(true, true, false), (false, true, true), (false, true, false)],
            slice.Endpoints!.Select(e => (e.IsReady, e.IsServing, e.IsTerminating)));
        Assert.Equal("z1", slice.Endpoints![0].Hints!.ForZones!.Single().Name);
        Assert.Equal(new SlicePort(null), slice.Ports![1]);
    }
}
