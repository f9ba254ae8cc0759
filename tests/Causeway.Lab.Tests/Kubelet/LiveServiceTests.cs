namespace Causeway.Lab.Tests.Kubelet;

/// <summary>Services over real pods: endpoints and load balancers as their controllers keep them.</summary>
public sealed class LiveServiceTests
{
    private const string Skip = "needs root and Debian's containernetworking-plugins";

    [Fact]
    public async Task Endpoints_follow_pods_and_load_balancers_get_addresses()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: c, image: busybox, ports: [{name: http, containerPort: 8080}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: other}
            spec: {type: LoadBalancer, loadBalancerClass: acme.example/lb, ports: [{port: 80}]}
            """);
        const string ready = "get endpointslices -l kubernetes.io/service-name=web -o jsonpath="
            + "{.items[*].endpoints[*].conditions.ready}";
        await cluster.UntilAsync(ready, t => t == "true true");
        Assert.Matches(@"^web-\w+ +IPv4 +8080 +10\.9\.1\.\d+,10\.9\.1\.\d+ ",
            await cluster.Server.KubectlAsync("get endpointslices --no-headers"));
        const string address = "get svc web -o jsonpath={.status.loadBalancer.ingress[0].ip}";
        Assert.Equal("198.51.100.1", await cluster.UntilAsync(address, t => t.Length > 0));
        Assert.Matches(@"^web +LoadBalancer +10\.96\.\d+\.\d+ +198\.51\.100\.1 +80:3\d{4}/TCP",
            await cluster.Server.KubectlAsync("get svc web --no-headers"));
        Assert.Matches("<pending>", await cluster.Server.KubectlAsync("get svc other --no-headers"));
        await cluster.Server.KubectlAsync("scale deployment/web --replicas=0");
        await cluster.UntilAsync(ready, t => t.Length == 0);
        await cluster.Server.KubectlAsync("delete svc web");
        await cluster.UntilAsync("get endpointslices --no-headers", t => t.Length == 0);
    }
}
