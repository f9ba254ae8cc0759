namespace Causeway.Lab.Tests.ApiServer.Kubectl;

public sealed class KubectlTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]
        """;

    [Fact]
    public async Task A_manifest_is_applied_shown_changed_and_deleted()
    {
        await using var server = await RunningServer.StartAsync();
        await server.KubectlAsync("create -f -", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}""");
        Assert.Contains("deployment.apps/web created", await server.KubectlAsync("apply -f -", Deployment));
        Assert.Contains("deployment.apps/web unchanged", await server.KubectlAsync("apply -f -", Deployment));
        var table = await server.KubectlAsync("get deployments -n shop -o wide");
        Assert.Matches(@"NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\s+CONTAINERS\s+IMAGES\s+SELECTOR", table);
        Assert.Matches(@"web\s+0/2\s+0\s+0\s+\S+\s+nginx\s+nginx:1.27\s+app=web", table);
        await server.KubectlAsync("scale deployment web -n shop --replicas=5");
        Assert.Equal("5", await server.KubectlAsync("get deploy web -n shop -o jsonpath={.spec.replicas}"));
        await server.KubectlAsync("label deployment web -n shop tier=front");
        await server.KubectlAsync("annotate deployment web -n shop note=hello");
        Assert.Contains("tier=front", await server.KubectlAsync("describe deployment web -n shop"));
        await server.KubectlAsync("delete deployment web -n shop");
        Assert.Equal("", await server.KubectlAsync("get deployments -n shop --ignore-not-found"));
    }
}
