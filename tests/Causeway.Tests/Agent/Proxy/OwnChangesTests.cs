using Causeway.Agent.Proxy;
using Causeway.Core.Addressing;
using Causeway.Core.Services.Iptables;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Processes;

namespace Causeway.Tests.Agent.Proxy;

/// <summary>Whose changes of a real ruleset there were, told by the kernel's count of them alone.</summary>
public sealed class OwnChangesTests : IDisposable
{
    private readonly string _namespace = $"{NetworkNamespace.Directory}/cwt-{Guid.NewGuid():n}"[..(NetworkNamespace.Directory.Length + 17)];
    private readonly OwnChanges _ours;

    public OwnChangesTests()
    {
        NetworkNamespace.Create(_namespace);
        _ours = new() { Socket = NetlinkSocket.OpenNetfilter(_namespace) };
    }

    public void Dispose()
    {
        _ours.Socket!.Dispose();
        NetworkNamespace.Delete(_namespace);
    }

    [Fact]
    public void Before_a_reading_nothing_is_known() => Assert.False(_ours.AreAll);

    [Fact]
    public void Changes_by_our_socket_and_tools_are_ours_and_another_s_is_not()
    {
        _ours.BeginReading();
        Assert.True(_ours.AreAll);
        NftServiceTable.Declare(_ours.Socket!, [IpFamily.V4, IpFamily.V6], new());
        Assert.True(_ours.AreAll);
        Assert.True(_ours.Contains(_ours.Socket!.Port));
        _ours.Add(Nft("add table ip ours"));
        var script = "*filter\n:A - [0:0]\n-A A -j ACCEPT\nCOMMIT\n*nat\n:B - [0:0]\nCOMMIT\n";
        var port = new IptablesTool(Core.Dataplane.Iptables.IptablesBackend.Nft, _namespace).Restore(IpFamily.V4, script);
        _ours.Add(port, IptablesScript.Transactions(script));
        Assert.True(_ours.AreAll);
        Assert.True(_ours.Contains(port));
        Nft("add table ip theirs");
        Assert.False(_ours.AreAll);
        _ours.BeginReading();
        Assert.True(_ours.AreAll);
    }

    /// <summary>The address of the socket that made the change.</summary>
    private uint Nft(string command)
    {
        var run = NetworkNamespace.Run(_namespace, () => ProcessSpawner.Run(["nft", .. command.Split(' ')]));
        var result = run.GetAwaiter().GetResult();
        Assert.True(result.Succeeded, result.Error);
        return (uint)result.ProcessId;
    }
}
