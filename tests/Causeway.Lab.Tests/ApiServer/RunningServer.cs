using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer;
using Causeway.Lab.ApiServer.Streams;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Tests.ApiServer;

/// <summary>An API server on a free loopback port with a folder of its own; gone, with it, when
/// disposed.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private const string Token = "test-token";

    private static readonly Lazy<LabCertificates> Credentials =
        new(() => LabCertificates.Create(TimeProvider.System.GetUtcNow(), [], []));

    private readonly DirectoryInfo _folder;
    private Lab.ApiServer.ApiServer _server;

    private RunningServer(DirectoryInfo folder, Lab.ApiServer.ApiServer server, HttpClient client)
    {
        _folder = folder;
        _server = server;
        Client = client;
    }

    /// <summary>Authenticated; its base address is the server's.</summary>
    public HttpClient Client { get; private set; }

    public Uri Address => _server.Addresses[0];

    public string StorePath => Path.Combine(_folder.FullName, "store.db");

    public static async Task<RunningServer> StartAsync(Func<ApiServerOptions,
        ApiServerOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("causeway-api-");
        var server = await OpenAsync(folder, change);
        return new(folder, server, ClientOf(server, Token));
    }

    public async Task RestartAsync()
    {
        await _server.DisposeAsync();
        _server = await OpenAsync(_folder, null);
        Client.Dispose();
        Client = ClientOf(_server, Token);
    }

    public HttpClient Anonymous(string? token = null) => ClientOf(_server, token);

    /// <summary>Runs kubectl against the server; the test fails unless it ends with 0.</summary>
    public async Task<string> KubectlAsync(string arguments, string input = "")
    {
        var result = await TryKubectlAsync(arguments, input);
        Assert.True(result.Succeeded, $"kubectl {arguments}: {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    public async Task<ProcessResult> TryKubectlAsync(string arguments, string input = "")
    {
        var config = await KubeconfigAsync();
        var words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return await ProcessSpawner.Run(
            ["kubectl", "--kubeconfig", config, "--cache-dir", Path.Combine(_folder.FullName, "cache"),
                .. words],
            input, TimeSpan.FromSeconds(60));
    }

    public async Task<string> KubeconfigAsync()
    {
        var path = Path.Combine(_folder.FullName, "kubeconfig");
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(Credentials.Value.AuthorityPem));
        await File.WriteAllTextAsync(path, $$$"""
            {"apiVersion":"v1","kind":"Config","current-context":"t",
             "clusters":[{"name":"t","cluster":{"server":"{{{Address}}}","certificate-authority-data":"{{{authority}}}"}}],
             "users":[{"name":"t","user":{"token":"{{{Token}}}"}}],
             "contexts":[{"name":"t","context":{"cluster":"t","user":"t"}}]}
            """);
        return path;
    }

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) =>
        await SendAsync(HttpMethod.Get, path, null, expected);

    public async Task<JsonNode> PostAsync(
        string path, string body, HttpStatusCode expected = HttpStatusCode.Created) =>
        await SendAsync(HttpMethod.Post, path, body, expected);

    public async Task<JsonNode> PutAsync(string path, string body,
        HttpStatusCode expected = HttpStatusCode.OK) =>
        await SendAsync(HttpMethod.Put, path, body, expected);

    public async Task<JsonNode> DeleteAsync(
        string path, string? body = null, HttpStatusCode expected = HttpStatusCode.OK) =>
        await SendAsync(HttpMethod.Delete, path, body, expected);

    public async Task<JsonNode> PatchAsync(
        string path, string type, string body, HttpStatusCode expected = HttpStatusCode.OK) =>
        await SendAsync(HttpMethod.Patch, path, body, expected, type);

    public async Task<JsonNode> SendAsync(
        HttpMethod method, string path, string? body, HttpStatusCode expected,
            string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, new MediaTypeHeaderValue(type));
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode,
            $"{method} {path}: {response.StatusCode}, not {expected}: {text}");
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Task<Lab.ApiServer.ApiServer> OpenAsync(
        DirectoryInfo folder, Func<ApiServerOptions, ApiServerOptions>? change)
    {
        var options = new ApiServerOptions
        {
            StorePath = Path.Combine(folder.FullName, "store.db"),
            Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Certificate = Credentials.Value.ToServerCertificate(),
            Token = Token,
        };
        return Lab.ApiServer.ApiServer.StartAsync(change?.Invoke(options) ?? options);
    }

    private static HttpClient ClientOf(Lab.ApiServer.ApiServer server, string? token)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Credentials.Value.AuthorityPem) },
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = server.Addresses[0], DefaultRequestVersion = HttpVersion.Version20,
            Timeout = TimeSpan.FromSeconds(60),
        };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }
}
