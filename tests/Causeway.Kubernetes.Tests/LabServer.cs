using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Causeway.Core.Cluster;
using Causeway.Core.Cluster.Crds;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.ApiServer;

namespace Causeway.Kubernetes.Tests;

/// <summary>The lab's API server on loopback, with Causeway's kinds; it can be restarted on its
/// port.</summary>
internal sealed class LabServer : IAsyncDisposable
{
    private const string Token = "test-token";

    private static readonly Lazy<LabCertificates> Credentials =
        new(() => LabCertificates.Create(TimeProvider.System.GetUtcNow(), [], []));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("causeway-kube-");
    private readonly LoopbackPort _port = new();
    private ApiServer? _server;

    public KubeAccess Access { get; private set; } = new() { Server = new("https://127.0.0.1:0") };

    public static async Task<LabServer> Start()
    {
        var lab = new LabServer();
        await lab.Open();
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.AddRange(lab.Access.Authorities!);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { CertificateChainPolicy = trust },
        });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var definitions = new Uri(lab.Access.Server, ApiResources.CustomResourceDefinitions.Path());
        foreach (var name in CustomResources.Names)
        {
            using var body = new StringContent(
                CustomResources.Manifest(name), Encoding.UTF8, "application/yaml");
            using var answer = await client.PostAsync(definitions, body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
        return lab;
    }

    public KubeClient Client() => new(Access, TimeProvider.System, FakeApiServer.Patient);

    public async Task Stop()
    {
        if (_server is { } server) await server.DisposeAsync();
        _server = null;
    }

    public async Task Open()
    {
        _server = await ApiServer.StartAsync(new()
        {
            StorePath = Path.Combine(_folder.FullName, "store.db"),
            Certificate = Credentials.Value.ToServerCertificate(),
            Endpoints = [_port.EndPoint],
            Token = Token,
        });
        var authority = new X509Certificate2Collection();
        authority.ImportFromPem(Credentials.Value.AuthorityPem);
        Access = new KubeAccess
        {
            Server = _server.Addresses[0],
            Authorities = authority,
            Credential = Credential.Token(Token),
            Source = "the lab's server",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _port.Dispose();
        _folder.Delete(recursive: true);
    }
}
