namespace Causeway.Lab.Tests.Kubelet;

/// <summary>Volumes as the processes of real containers see them.</summary>
public sealed class LiveVolumeTests
{
    private const string Skip = "needs root and Debian's containernetworking-plugins";

    private const string Objects = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: conf}
        data: {Corefile: ".:53 {}", LEVEL: debug}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: keys}
        stringData: {password: hush}
        """;

    [Fact]
    public async Task Volumes_of_every_kind_are_seen_where_the_file_system_has_no_place_for_them()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync(Objects);
        await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p, labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: a
                image: busybox
                volumeMounts:
                - {name: conf, mountPath: /etc/causeway-test}
                - {name: all, mountPath: /causeway-test/all}
                - {name: scratch, mountPath: /tmp}
                - {name: conf, mountPath: /etc/causeway-one.conf, subPath: Corefile}
                - {name: scratch, mountPath: /causeway-test/scratch, subPath: part, readOnly: true}
              - name: b
                image: busybox
                volumeMounts: [{name: scratch, mountPath: /scratch}]
              volumes:
              - {name: conf, configMap: {name: conf}}
              - {name: scratch, emptyDir: {}}
              - name: all
                projected:
                  sources:
                  - secret: {name: keys}
                  - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}
            """);
        await cluster.ReadyAsync("p");
        Assert.Equal(".:53 {}", await In("cat /etc/causeway-test/Corefile"));
        Assert.Equal("debug", await In("cat /etc/causeway-test/LEVEL"));
        Assert.Equal(".:53 {}", await In("cat /etc/causeway-one.conf"));
        Assert.Equal("hush", await In("cat /causeway-test/all/password"));
        Assert.Equal("app=\"web\"", await In("cat /causeway-test/all/labels"));
        Assert.Contains("p\n", await In("cat /etc/hostname"));
        await In("echo shared > /tmp/part/file");
        Assert.Equal("shared\n", await In("cat /causeway-test/scratch/file"));
        Assert.Equal("shared\n", await cluster.Server.KubectlAsync("exec p -c b -- cat /scratch/part/file"));
        Assert.NotEqual(0, (await cluster.Server.TryKubectlAsync("exec p -c a -- touch /causeway-test/scratch/x")).ExitCode);
        Assert.NotEqual(0, (await cluster.Server.TryKubectlAsync("exec p -c a -- touch /etc/causeway-test/x")).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries("/", "causeway-test*"));
        Assert.Empty(Directory.GetFileSystemEntries("/etc", "causeway-*"));

        await cluster.Server.KubectlAsync("patch configmap conf -p {\"data\":{\"LEVEL\":\"info\"}}");
        await cluster.Server.KubectlAsync("label pod p more=yes");
        await cluster.UntilAsync("exec p -c a -- cat /etc/causeway-test/LEVEL", text => text == "info");
        await cluster.UntilAsync("exec p -c a -- cat /causeway-test/all/labels", text => text.Contains("more=\"yes\""));
        await cluster.Server.KubectlAsync("delete pod p --timeout=30s");
        Assert.Empty(Directory.GetDirectories(Path.Combine(cluster.RunDirectory, "files")));

        Task<string> In(string command) => cluster.Server.KubectlAsync($"exec p -c a -- sh -c {command.Replace(' ', '\t')}");
    }

    [Fact]
    public async Task A_pod_whose_config_map_is_missing_waits_for_it_and_says_so()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: c, image: busybox, volumeMounts: [{name: conf, mountPath: /etc/causeway-test}]}
              volumes: [{name: conf, configMap: {name: conf}}]
            """);
        await cluster.UntilAsync(
            "get events", t => t.Contains("FailedMount") && t.Contains("volume \"conf\" : configmap \"conf\" not found"));
        await cluster.UntilAsync("get pod p --no-headers", t => t.Contains("ContainerCreating"));
        await cluster.ApplyAsync(Objects);
        await cluster.ReadyAsync("p");
    }

    [Fact]
    public async Task Variables_come_from_objects_and_services_and_wait_for_what_is_missing()
    {
        Assert.SkipUnless(LiveCluster.CanRun, Skip);
        await using var cluster = await LiveCluster.StartAsync(1);
        await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Service
            metadata: {name: my-db}
            spec: {clusterIP: 10.96.0.77, ports: [{name: sql, port: 5432}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              containers:
              - name: c
                image: busybox
                command: [sh, -c, "echo $(LEVEL) $PASS $MY_DB_SERVICE_HOST:$MY_DB_SERVICE_PORT_SQL $MY_DB_PORT $X_LEVEL [$GONE]; exec sleep 999"]
                envFrom: [{prefix: X_, configMapRef: {name: conf}}]
                env:
                - {name: LEVEL, valueFrom: {configMapKeyRef: {name: conf, key: LEVEL}}}
                - {name: PASS, valueFrom: {secretKeyRef: {name: keys, key: password}}}
                - {name: GONE, valueFrom: {secretKeyRef: {name: none, key: a, optional: true}}}
            """);
        await cluster.UntilAsync("get pod p --no-headers", t => t.Contains("CreateContainerConfigError"));
        await cluster.UntilAsync("get events", t => t.Contains("Error: configmap \"conf\" not found"));
        await cluster.ApplyAsync(Objects);
        await cluster.UntilAsync(
            "logs p", t => t == "debug hush 10.96.0.77:5432 tcp://10.96.0.77:5432 debug []\n");
        Assert.Contains("LEVEL=debug\n", await cluster.Server.KubectlAsync("exec p -- env"));
        await cluster.Server.KubectlAsync("delete pod p --now --timeout=30s");
    }
}
