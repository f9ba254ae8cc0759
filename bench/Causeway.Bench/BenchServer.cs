using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Causeway.Core.Cluster;
using Causeway.Core.Cluster.Crds;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.ApiServer;

namespace Causeway.Bench;

/// <summary>The lab's API server on loopback with Causeway's kinds, its store on disk, and a client of it
/// over TLS.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private const string Token = "bench";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("causeway-bench-");
    private ApiServer? _server;

    public KubeClient Client { get; private set; } = null!;

    /// <summary>A file by which other processes reach it.</summary>
    public string Kubeconfig => Path.Combine(_folder.FullName, "kubeconfig");

    public static async Task<BenchServer> Start(TimeProvider time)
    {
        var bench = new BenchServer();
        var credentials = LabCertificates.Create(time.GetUtcNow(), [], []);
        bench._server = await ApiServer.StartAsync(new()
        {
            StorePath = Path.Combine(bench._folder.FullName, "store.db"),
            Certificate = credentials.ToServerCertificate(),
            Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Token = Token,
        });
        var authority = new X509Certificate2Collection();
        authority.ImportFromPem(credentials.AuthorityPem);
        var access = new KubeAccess
        {
            Server = bench._server.Addresses[0],
            Authorities = authority,
            Credential = Credential.Token(Token),
        };
        bench.Client = new KubeClient(access, time);
        await File.WriteAllTextAsync(bench.Kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: bench
            clusters:
            - name: bench
              cluster:
                server: {{access.Server}}
                certificate-authority: {{Path.Combine(bench._folder.FullName, "ca.crt")}}
            users:
            - name: bench
              user:
                token: {{Token}}
            contexts:
            - name: bench
              context:
                cluster: bench
                user: bench
            """);
        await File.WriteAllTextAsync(Path.Combine(bench._folder.FullName, "ca.crt"), credentials.AuthorityPem);
        await AddKinds(access);
        return bench;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task AddKinds(KubeAccess access)
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.AddRange(access.Authorities!);
        using var http = new HttpClient(
            new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var definitions = new Uri(access.Server, ApiResources.CustomResourceDefinitions.Path());
        foreach (var name in CustomResources.Names)
        {
            using var body = new StringContent(
                CustomResources.Manifest(name), Encoding.UTF8, "application/yaml");
            using var answer = await http.PostAsync(definitions, body);
            answer.EnsureSuccessStatusCode();
        }
    }
}
