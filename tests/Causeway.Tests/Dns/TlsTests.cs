using System.Security.Cryptography.X509Certificates;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>Our own server over TLS, asked by our own forwarder: who proves what to whom.</summary>
[Collection("lab")]
public sealed class TlsTests
{
    private const string Good = "192.0.2.80";

    private readonly X509Certificate2 _root = TestCertificates.Authority();

    [Fact]
    public async Task A_renewed_certificate_is_taken_and_one_that_cannot_be_read_is_told_while_the_last_one_stays()
    {
        await using var lab = LabHarness.AsRoot();
        var authority = await Authority(lab);
        var (certificate, key) = await Issue(lab, "first.example");
        var (secure, port) = await Secure(lab, $"tls {certificate} {key}");
        await using var _ = secure;
        await Gets(Good, lab, port, $"tls {authority}", "first.example");
        await Issue(lab, "second.example");
        await Gets(Good, lab, port, $"tls {authority}", "second.example");
        await File.WriteAllTextAsync(certificate, "no certificate");
        await Gets(Good, lab, port, $"tls {authority}", "second.example");
        await LabHarness.Eventually("that is told", () => Task.FromResult(
            secure.Log.Contains($"tls {certificate} {key} have changed and cannot be used", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_certificate_comes_with_those_between_it_and_the_authority_that_clients_know()
    {
        await using var lab = LabHarness.AsRoot();
        var authority = await Authority(lab);
        var between = TestCertificates.Issue(_root, "between", isAuthority: true);
        var (certificate, key) = await TestCertificates.WriteAsync(
            lab.Directory, "server", TestCertificates.Issue(between, "dns.example"), between);
        var (secure, port) = await Secure(lab, $"tls {certificate} {key}");
        await using var _ = secure;
        await Gets(Good, lab, port, $"tls {authority}", "dns.example");
    }

    [Theory]
    [InlineData("nocert", Good, Good, Good)]
    [InlineData("request", Good, Good, Good)]
    [InlineData("require", "SERVFAIL", Good, Good)]
    [InlineData("verify_if_given", Good, "SERVFAIL", Good)]
    [InlineData("require_and_verify", "SERVFAIL", "SERVFAIL", Good)]
    public async Task Clients_prove_who_they_are_as_far_as_they_are_asked(
        string asked, string withNone, string withAnyOnes, string withOurs)
    {
        await using var lab = LabHarness.AsRoot();
        var authority = await Authority(lab);
        var (certificate, key) = await Issue(lab, "dns.example");
        var (secure, port) = await Secure(lab, $"tls {certificate} {key} {authority} {{\nclient_auth {asked}\n}}");
        await using var _ = secure;
        var ours = await TestCertificates.WriteAsync(lab.Directory, "ours", TestCertificates.Issue(_root, "client"));
        var other = await TestCertificates.WriteAsync(
            lab.Directory, "other", TestCertificates.Issue(TestCertificates.Authority(), "client"));
        await Gets(withNone, lab, port, $"tls {authority}", "dns.example");
        await Gets(withAnyOnes, lab, port, $"tls {other.Certificate} {other.Key} {authority}", "dns.example");
        await Gets(withOurs, lab, port, $"tls {ours.Certificate} {ours.Key} {authority}", "dns.example");
    }

    private async Task<string> Authority(LabHarness lab)
    {
        var file = Path.Combine(lab.Directory, "ca.pem");
        await File.WriteAllTextAsync(file, _root.ExportCertificatePem());
        return file;
    }

    private Task<(string Certificate, string Key)> Issue(LabHarness lab, string name) =>
        TestCertificates.WriteAsync(lab.Directory, "server", TestCertificates.Issue(_root, name));

    /// <summary>A server over TLS that knows one name, and its port.</summary>
    private static async Task<(DnsServer Server, int Port)> Secure(LabHarness lab, string tls)
    {
        var port = DnsServer.FreePort();
        var names = $"hosts {{\n {Good} www.example\n}}";
        return (await DnsServer.StartAsync(
            lab, $"{names}\n}}\ntls://.:{port} {{\nbind 127.0.0.1\n{tls}\n{names}"), port);
    }

    /// <summary>That a forwarder with these settings gets this from there.</summary>
    private static async Task Gets(string expected, LabHarness lab, int port, string tls, string serverName)
    {
        await using var server = await DnsServer.StartAsync(
            lab, $"forward . tls://127.0.0.1:{port} {{\n{tls}\ntls_servername {serverName}\n}}");
        // The forwarder waits two seconds, which may be too short for a handshake.
        if (expected == Good)
            await LabHarness.Eventually($"with {tls} the answer is {Good}", async () => await server.DigAsync("www.example", "A") == Good);
        else Assert.Equal(expected, await server.DigAsync("www.example", "A"));
    }
}
