using System.Net;
using Causeway.Core.Addressing;
using Causeway.Lab.Kubelet;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Network;
using Causeway.Lab.Kubelet.Probes;
using Causeway.Lab.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;

namespace Causeway.Lab.Tests.Kubelet;

/// <summary>The gRPC probe against a server that speaks HTTP/2 without TLS.</summary>
public sealed class GrpcProbeTests
{
    [Theory]
    [InlineData("00000000020801", "0", true, "")]
    [InlineData("00000000020802", "0", false, "service unhealthy (status 2)")]
    [InlineData("", "5", false, "gRPC answered with status code 5")]
    [InlineData("666F6F", "0", false, "the answer (HTTP 200) is none of grpc.health.v1")]
    public async Task The_server_says_how_it_is(string frame, string status, bool success, string told)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to enter a network namespace");
        byte[] asked = [];
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(
            IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        await using var server = builder.Build();
        server.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            asked = body.ToArray();
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(Convert.FromHexString(frame));
            http.Response.AppendTrailer("grpc-status", status);
        });
        await server.StartAsync();
        var outcome = await Runner().RunAsync(
            new() { Grpc = new(new Uri(server.Urls.First()).Port, "db"), TimeoutSeconds = 30 }, default);
        await server.StopAsync();
        Assert.Equal("00000000040A026462", Convert.ToHexString(asked));
        Assert.Equal(success, outcome.Success);
        if (!success) Assert.Equal(told, outcome.Message);
    }

    private static ProbeRunner Runner()
    {
        var pod = LabObjects.Pod("p");
        var node = new KubeletNode("n", "/proc/self/ns/net", [IpAddress.Parse("127.0.0.1")], [], "");
        var setting = new PodSetting(
            pod, node, new PodSandbox("id", "", ["127.0.0.1"]), new(pod, "n", [], []), "p", "", "", null!, null!);
        return new(new ContainerSpec { Name = "c" }, setting, null!);
    }
}
