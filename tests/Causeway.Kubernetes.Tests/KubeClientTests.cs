using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Configuration;

namespace Causeway.Kubernetes.Tests;

public sealed class KubeClientTests
{
    private static readonly IpPool Pool = new()
    {
        Metadata = new() { Name = "default" },
        Spec = new() { Cidr = "10.0.0.0/16", Encapsulation = Encapsulation.VxlanCrossSubnet },
    };

    [Fact]
    public async Task Object_goes_out_stamped_and_comes_back_the_same()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var made = await client.Create(KubeTypes.IpPools, Pool);
        Assert.Equal(("causeway.dev/v1", "IPPool"), (made.ApiVersion, made.Kind));
        var read = await client.Get(KubeTypes.IpPools, "default");
        Assert.Equal(Pool.Spec, read.Spec);
        var disabled = read with { Spec = read.Spec with { Disabled = true } };
        var changed = await client.Replace(KubeTypes.IpPools, disabled);
        Assert.NotEqual(read.Metadata.ResourceVersion, changed.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Stale_replace_is_a_conflict_and_double_create_already_exists()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var made = await client.Create(KubeTypes.IpPools, Pool);
        await client.Replace(KubeTypes.IpPools, made);
        var stale = await Assert.ThrowsAsync<KubeException>(() => client.Replace(KubeTypes.IpPools, made));
        Assert.True(stale.IsConflict);
        var twice = await Assert.ThrowsAsync<KubeException>(() => client.Create(KubeTypes.IpPools, Pool));
        Assert.True(twice.IsAlreadyExists && !twice.IsConflict);
        Assert.Null(await client.Find(KubeTypes.IpPools, "other"));
    }

    [Fact]
    public async Task Delete_holds_to_its_preconditions()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var made = await client.Create(KubeTypes.IpPools, Pool);
        var e = await Assert.ThrowsAsync<KubeException>(() =>
            client.Delete(KubeTypes.IpPools, "default", options: new(Uid: "another")));
        Assert.True(e.IsConflict);
        await client.Delete(KubeTypes.IpPools, "default", options: new(Uid: made.Metadata.Uid));
        Assert.Null(await client.Find(KubeTypes.IpPools, "default"));
    }

    [Theory]
    [InlineData(PatchFormat.Merge, "application/merge-patch+json", "")]
    [InlineData(PatchFormat.Strategic, "application/strategic-merge-patch+json", "")]
    [InlineData(PatchFormat.Apply, "application/apply-patch+yaml", "?fieldManager=causeway")]
    public async Task Patch_names_its_format(PatchFormat format, string media, string query)
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        await client.Create(KubeTypes.IpPools, Pool);
        var patch = JsonNode.Parse("""{"spec":{"cidr":"10.9.0.0/16"}}""")!;
        var patched = await client.Patch(KubeTypes.IpPools, "default", format, patch);
        Assert.Equal("10.9.0.0/16", patched.Spec.Cidr);
        var sent = server.Requests[^1];
        Assert.Equal(("PATCH", "/apis/causeway.dev/v1/ippools/default" + query), (sent.Method, sent.Path));
        Assert.Equal(media, sent.MediaType);
    }

    [Fact]
    public async Task List_walks_the_pages()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        for (var i = 0; i < 7; i++)
            server.Put($"/api/v1/nodes/n{i}", $$"""{"metadata":{"name":"n{{i}}" } }""");
        var list = await client.List(KubeTypes.Tree(ApiResources.Nodes), ListQuery.All with { PageSize = 3 });
        Assert.Equal(7, list.Items.Count);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Slow_down_is_heeded_and_tried_again()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var refused = 0;
        server.Intercept = _ => refused++ < 2 ? (429, "") : null;
        Assert.Null(await client.Find(KubeTypes.IpPools, "none"));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Refused_token_is_read_again_once()
    {
        await using var server = await new FakeApiServer().Start();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "old\n");
            using var client = new KubeClient(
                server.Access with { Credential = Credential.TokenFile(file) }, TimeProvider.System,
                FakeApiServer.Patient);
            server.Intercept = r => r.Headers.Authorization == "Bearer new" ? null : (401, "");
            var e = await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"));
            Assert.True(e.IsUnauthorized);
            await File.WriteAllTextAsync(file, "new\n");
            Assert.Null(await client.Find(KubeTypes.Nodes, "n"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_read_for_a_while_leaves_the_last_token_in_use()
    {
        await using var server = await new FakeApiServer().Start();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "good");
        var time = new ManualTime();
        using var client = new KubeClient(
            server.Access with { Credential = Credential.TokenFile(file) }, time, FakeApiServer.Patient);
        server.Intercept = r => r.Headers.Authorization == "Bearer good" ? null : (401, "");
        Assert.Null(await client.Find(KubeTypes.Nodes, "n"));
        File.Delete(file);
        time.Advance(Credential.TokenFileAge * 2);
        Assert.Null(await client.Find(KubeTypes.Nodes, "n"));
        server.Intercept = _ => (401, "");
        Assert.True((await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"))).IsUnauthorized);
    }

    [Fact]
    public async Task Server_away_says_where_it_should_be()
    {
        var server = await new FakeApiServer().Start();
        using var client = server.Client();
        await server.Stop();
        var e = await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"));
        Assert.True(e.IsUnreachable && e.IsTransient);
        Assert.Contains(server.Address.Authority, e.Message);
        Assert.Contains("the fake", e.Message);
    }

    [Fact]
    public async Task Silent_server_is_a_timeout()
    {
        await using var server = await new FakeApiServer().Start();
        using var release = new SemaphoreSlim(0);
        server.Intercept = _ => { release.Wait(); return (200, "{}"); };
        using var client = server.Client(new() { RequestTimeout = TimeSpan.FromMilliseconds(50) });
        var e = await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"));
        release.Release();
        Assert.Equal("Timeout", e.Reason);
        Assert.True(e.IsUnreachable);
    }

    [Fact]
    public async Task A_page_that_is_no_status_is_quoted()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        server.Intercept = _ => (502, "<html>bad gateway</html>");
        var e = await Assert.ThrowsAsync<KubeException>(() => client.Get(KubeTypes.Nodes, "n"));
        Assert.Equal(502, e.Code);
        Assert.Equal("get /api/v1/nodes/n: <html>bad gateway</html>", e.Message);
    }
}
