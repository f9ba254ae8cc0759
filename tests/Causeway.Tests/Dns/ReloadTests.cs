using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>A configuration that changes, and what <c>dns check</c> says of one that could not be taken.</summary>
[Collection("lab")]
public sealed class ReloadTests
{
    [Fact]
    public async Task A_changed_configuration_is_taken_without_a_lost_query_and_a_wrong_one_is_not()
    {
        await using var lab = LabHarness.AsRoot();
        await using var server = await DnsServer.StartAsync(lab, "hosts {\n 192.0.2.1 a.example\n}\nreload 1s");
        using CancellationTokenSource end = new();
        var load = server.LoadAsync("a.example", end.Token);
        await server.WriteAsync("hosts {\n 192.0.2.2 a.example\n}\nreload 1s");
        await LabHarness.Eventually("the new configuration is used", async () => await server.DigAsync("a.example", "A") == "192.0.2.2");
        await server.WriteAsync("hosts {\n 192.0.2.3 a.example\n}\nreload 1s\nnonsense");
        await LabHarness.Eventually("the error is told", () => Task.FromResult(server.Log.Contains("no plugin 'nonsense'", StringComparison.Ordinal)));
        Assert.Equal("192.0.2.2", await server.DigAsync("a.example", "A"));
        await end.CancelAsync();
        var (asked, lost) = await load;
        Assert.True(asked > 100, $"only {asked} were asked");
        Assert.Equal(0, lost);
    }

    [Fact]
    public async Task Of_a_configuration_whose_address_is_taken_nothing_is_used()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var taken = ((IPEndPoint)other.LocalEndPoint!).Port;
        await using var lab = LabHarness.AsRoot();
        await using var server = await DnsServer.StartAsync(lab, "hosts {\n 192.0.2.1 a.example\n}\nreload 1s");
        var more = string.Create(CultureInfo.InvariantCulture, $"}}\n.:{taken} {{\nbind 127.0.0.1\nhosts {{\n 192.0.2.3 a.example\n}}");
        await server.WriteAsync("hosts {\n 192.0.2.2 a.example\n}\nreload 1s\n" + more);
        await LabHarness.Eventually("the error is told", () => Task.FromResult(
            server.Log.Contains($"cannot listen on 127.0.0.1:{taken}/tcp", StringComparison.Ordinal)));
        Assert.Equal("192.0.2.1", await server.DigAsync("a.example", "A"));
        await server.WriteAsync("hosts {\n 192.0.2.4 a.example\n}\nreload 1s");
        await LabHarness.Eventually("the next one is used", async () => await server.DigAsync("a.example", "A") == "192.0.2.4");
    }

    [Theory]
    [InlineData("tls://. {\n tls /no/crt /no/key\n}", "FILE:2:2: tls /no/crt /no/key: ")]
    [InlineData(". {\n forward . tls://192.0.2.1 {\n  tls /no/ca\n }\n}", "FILE:2:2: forward: tls /no/ca: ")]
    [InlineData(". {\n autopath /no/resolv.conf\n}", "FILE:2:2: autopath: /no/resolv.conf: ")]
    [InlineData(". {\n kubernetes {\n  kubeconfig /no/kubeconfig\n }\n}", "kubeconfig /no/kubeconfig: ")]
    [InlineData("tls://. {\n loop\n}", "FILE:1:1: 'tls://.' needs 'tls CERTIFICATE KEY'")]
    public async Task A_configuration_that_could_not_be_served_is_not_in_order(string text, string problem)
    {
        await using var lab = LabHarness.AsRoot();
        var file = Path.Combine(lab.Directory, "Corefile");
        await File.WriteAllTextAsync(file, text);
        problem = problem.Replace("FILE", file, StringComparison.Ordinal);
        var check = await lab.Run("dns", "check", file);
        Assert.Equal(2, check.ExitCode);
        Assert.Contains(problem, check.Error, StringComparison.Ordinal);
        var start = await lab.Run("dns", "--conf", file, "--port", "0");
        Assert.Equal(2, start.ExitCode);
        Assert.Contains(problem, start.Error, StringComparison.Ordinal);
    }
}
