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
        await server.KubectlAsync("create namespace shop");
        Assert.Contains("deployment.apps/web created", await server.KubectlAsync("apply -f -", Deployment));
        Assert.Contains("deployment.apps/web unchanged", await server.KubectlAsync("apply -f -", Deployment));
        var table = await server.KubectlAsync("get deployments -n shop -o wide");
        Assert.Matches(@"NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\s+CONTAINERS\s+IMAGES\s+SELECTOR",
            table);
        Assert.Matches(@"web\s+0/2\s+0\s+0\s+\S+\s+nginx\s+nginx:1.27\s+app=web", table);
        await server.KubectlAsync("scale deployment web -n shop --replicas=5");
        Assert.Equal("5", await server.KubectlAsync("get deploy web -n shop -o jsonpath={.spec.replicas}"));
        await server.KubectlAsync("label deployment web -n shop tier=front");
        await server.KubectlAsync("annotate deployment web -n shop note=hello");
        Assert.Contains("tier=front", await server.KubectlAsync("describe deployment web -n shop"));
        await server.KubectlAsync("delete deployment web -n shop");
        Assert.Equal("", await server.KubectlAsync("get deployments -n shop --ignore-not-found"));
    }

    [Fact]
    public async Task What_kubectl_creates_from_typed_objects_is_understood()
    {
        await using var server = await RunningServer.StartAsync();
        await server.KubectlAsync("create configmap c --from-literal=k=v");
        Assert.Equal("v", await server.KubectlAsync("get cm c -o jsonpath={.data.k}"));
        await server.KubectlAsync("create secret generic s --from-literal=k=v");
        Assert.Equal("dg==", await server.KubectlAsync("get secret s -o jsonpath={.data.k}"));
        await server.KubectlAsync("create serviceaccount robot");
        await server.KubectlAsync("create deployment d --image=nginx:1 --replicas=3 --port=80 -- sleep 1");
        Assert.Equal("3:80:sleep", await server.KubectlAsync("get deploy d -o "
            + "jsonpath={.spec.replicas}:{..containerPort}:{..command[0]}"));
        await server.KubectlAsync("create service clusterip d --tcp=80:8080");
        Assert.Equal("8080", await server.KubectlAsync("get svc d -o jsonpath={.spec.ports[0].targetPort}"));
        await server.KubectlAsync("expose deployment d --name=e --port=81");
        await server.KubectlAsync("create role r --verb=get --resource=pods");
        await server.KubectlAsync("create rolebinding b --role=r --serviceaccount=default:robot");
        await server.KubectlAsync("create clusterrole r --verb=get --resource=nodes");
        await server.KubectlAsync("create clusterrolebinding b --clusterrole=r --user=me");
        await server.KubectlAsync("run p --image=busybox --restart=Never -- sleep 1");
        Assert.Matches(@"p\s+0/1\s+Pending\s+0", await server.KubectlAsync("get pods"));
        Assert.Equal("yes\n", await server.KubectlAsync("auth can-i create pods"));
        Assert.Contains("deployment.apps/d", await server.KubectlAsync("get all"));
    }

    [Fact]
    public async Task Nodes_are_shown_cordoned_and_drained()
    {
        await using var server = await RunningServer.StartAsync();
        await server.KubectlAsync("create -f -", """
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"node-role.kubernetes.io/worker":""}},
             "status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.1"}],
              "nodeInfo":{"kubeletVersion":"v1.32.0","osImage":"Lab","kernelVersion":"6","containerRuntimeVersion":"lab://1"}}}
            """);
        Assert.Matches(@"n1\s+Ready\s+worker\s+\S+\s+v1.32.0\s+10.0.0.1\s+<none>\s+Lab",
            await server.KubectlAsync("get nodes -o wide"));
        await server.KubectlAsync("create -f -", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
             "spec":{"nodeName":"n1","terminationGracePeriodSeconds":0,"containers":[{"name":"c","image":"x"}]}}
            """);
        await server.KubectlAsync("drain n1 --force --timeout=60s");
        Assert.Contains("Ready,SchedulingDisabled", await server.KubectlAsync("get nodes"));
        Assert.Equal("", await server.KubectlAsync("get pods"));
        Assert.Contains("InternalIP:  10.0.0.1", await server.KubectlAsync("describe node n1"));
    }

    [Fact]
    public async Task Documents_patches_and_rollouts_are_told()
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Matches(@"deployments\s+deploy\s+apps/v1\s+true\s+Deployment",
            await server.KubectlAsync("api-resources"));
        Assert.Contains("replicas", await server.KubectlAsync("explain deployment.spec"));
        Assert.Contains("apps/v1", await server.KubectlAsync("api-versions"));
        Assert.Contains("v1.32.0", await server.KubectlAsync("version"));
        var manifest = Deployment.Replace("shop", "default");
        await server.KubectlAsync("apply --server-side -f -", manifest);
        await server.KubectlAsync("apply --server-side -f -", manifest.Replace("1.27", "1.28"));
        Assert.Contains("1.28", await server.KubectlAsync("get deploy web -o yaml --show-managed-fields"));
        var difference = await server.TryKubectlAsync("diff -f -", manifest.Replace("1.27", "1.29"));
        Assert.Matches(@"\+.*image: nginx:1\.29", difference.Output);
        await server.KubectlAsync("set image deployment/web nginx=nginx:1.30");
        await server.KubectlAsync("patch deployment web --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":4}]");
        await server.KubectlAsync("patch deployment web --subresource=status --type=merge -p "
            + """{"status":{"observedGeneration":4,"replicas":4,"updatedReplicas":4,"availableReplicas":4,"readyReplicas":4}}""");
        Assert.Contains("successfully rolled out",
            await server.KubectlAsync("rollout status deployment web --timeout=60s"));
        var refused = await server.TryKubectlAsync("apply -f -", manifest.Replace("replicas: 2",
            "replica: 2"));
        Assert.Contains("unknown field \"spec.replica\"", refused.Error);
        Assert.Contains("field is immutable", (await server.TryKubectlAsync(
            "patch deployment web --type=merge -p {\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"z\"}}}}")).Error);
    }
}
