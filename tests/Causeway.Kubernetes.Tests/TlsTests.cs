using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Causeway.Kubernetes.Configuration;

namespace Causeway.Kubernetes.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly X509Certificate2 _authority = Authority("a");
    private readonly X509Certificate2 _certificate;

    public TlsTests() => _certificate = Issue(_authority);

    [Fact]
    public async Task Own_authority_is_trusted_over_http_2()
    {
        await using var server = await new FakeApiServer(_certificate).Start();
        var access = server.Access with { Authorities = [_authority] };
        using var client = new KubeClient(access, TimeProvider.System, FakeApiServer.Patient);
        Assert.Null(await client.Find(KubeTypes.Nodes, "n"));
        Assert.Equal("HTTP/2", server.Protocol);
    }

    [Fact]
    public async Task Another_authority_is_not_trusted()
    {
        await using var server = await new FakeApiServer(_certificate).Start();
        using var other = Authority("b");
        using var client = new KubeClient(server.Access with { Authorities = [other] }, TimeProvider.System, FakeApiServer.Patient);
        var e = await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"));
        Assert.Equal("Untrusted", e.Reason);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task The_name_must_match_unless_another_is_given()
    {
        await using var server = await new FakeApiServer(_certificate).Start();
        var access = server.Access with
        {
            Authorities = [_authority],
            Server = new UriBuilder(server.Address) { Host = "localhost" }.Uri,
        };
        using (var wrong = new KubeClient(access with { TlsServerName = "elsewhere" }, TimeProvider.System, FakeApiServer.Patient))
            Assert.Equal("Untrusted",
                (await Assert.ThrowsAsync<KubeException>(() => wrong.Get(KubeTypes.Nodes, "n"))).Reason);
        using var right = new KubeClient(access with { TlsServerName = "kube.test" }, TimeProvider.System, FakeApiServer.Patient);
        Assert.Null(await right.Find(KubeTypes.Nodes, "n"));
    }

    [Fact]
    public async Task Verification_can_be_skipped()
    {
        await using var server = await new FakeApiServer(_certificate).Start();
        using var client = new KubeClient(server.Access with { SkipTlsVerify = true }, TimeProvider.System, FakeApiServer.Patient);
        Assert.Null(await client.Find(KubeTypes.Nodes, "n"));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ca-" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(Start, Start.AddYears(200));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("kube.test");
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, Start, Start.AddYears(100), [1, 2, 3, 4]);
        return issued.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Start => new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
