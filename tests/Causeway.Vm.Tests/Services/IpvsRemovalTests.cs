using Causeway.Core.Addressing;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Tests.Services;

namespace Causeway.Vm.Tests.Services;

[Collection("one at a time")]
public sealed class IpvsRemovalTests
{
    [Fact]
    public void Removing_leaves_nothing_of_ours_and_all_of_others()
    {
        using IpvsLab lab = new(IpFamily.V4, pods: 1);
        lab.Tell(lab.Plan(1, [1]) with { NodePort = 30001 });
        IpvsKey foreign = new(TransportProtocol.Tcp, IpAddress.Parse("192.0.2.1"), 80);
        lab.Ipvs.Execute([new(IpvsVerb.Add, foreign, new("wlc"))]);
        lab.Lab.Node.Run("ipset create theirs hash:ip; iptables-nft -t nat -N THEIRS");
        Assert.Empty(lab.Resync());
        Assert.Equal(3, lab.Ipvs.Services().Count(s => s.Key.Port is 30001 or 80));
        lab.Backend.Remove();
        Assert.Equal([foreign], lab.Ipvs.Services().Select(s => s.Key));
        Assert.Equal("theirs\n", lab.Lab.Node.Run("ipset -n list"));
        Assert.Equal("", lab.Lab.Node.Run("ip -br link | grep kube || true"));
        var rules = lab.Lab.Node.Run("iptables-nft-save; ip6tables-nft-save");
        Assert.DoesNotContain("KUBE", rules, StringComparison.Ordinal);
        Assert.Contains(":THEIRS", rules, StringComparison.Ordinal);
        lab.Backend.Remove();
    }

    [Fact]
    public void The_kernel_knows_every_scheduler_that_may_be_chosen()
    {
        using IpvsLab lab = new(IpFamily.V4, pods: 1);
        IpvsKey[] keys = [.. IpvsSettings.Schedulers.Select((_, i) => new IpvsKey(
            TransportProtocol.Tcp, IpAddress.Parse("192.0.2.1"), (ushort)(i + 1)))];
        lab.Ipvs.Execute([.. IpvsSettings.Schedulers.Select((s, i) => new Causeway.Linux.Netfilter.IpvsOperation(
            IpvsVerb.Add, keys[i], new(s)))]);
        Assert.Equal(IpvsSettings.Schedulers, keys.Select(k => lab.Ipvs.Find(k)!.Options.Scheduler));
        var error = Assert.Throws<Causeway.Linux.Netlink.NetlinkException>(() => lab.Ipvs.Execute(
            [new(IpvsVerb.Add, keys[0] with { Port = 99 }, new("nosuch"))]));
        Assert.Contains("modprobe ip_vs_nosuch", error.Message, StringComparison.Ordinal);
    }
}
