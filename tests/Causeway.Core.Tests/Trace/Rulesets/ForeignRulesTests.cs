using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace.Rulesets;

/// <summary>Rules shaped like those of other programs on node n1: where a packet of pod a ends, and why.</summary>
public sealed class ForeignRulesTests
{
    private const string Calico = """
        *filter
        :FORWARD ACCEPT [0:0]
        :cali-FORWARD - [0:0]
        :cali-from-wl-dispatch - [0:0]
        :cali-fw-a - [0:0]
        :cali-po-allow-web - [0:0]
        -A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD
        -A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 -j ACCEPT
        -A cali-FORWARD -m comment --comment "cali:vjrMJCRpqwy5oRoX" -j MARK --set-xmark 0x0/0xe0000
        -A cali-FORWARD -i cwp+ -m comment --comment "cali:8ZoYfO5HKXWbB3pk" -j cali-from-wl-dispatch
        -A cali-from-wl-dispatch -m comment --comment "cali:zTj6P0TIgYvgz-md" -g cali-fw-a
        -A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP
        -A cali-fw-a -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A cali-fw-a -m conntrack --ctstate INVALID -j DROP
        -A cali-fw-a -j MARK --set-xmark 0x0/0x10000
        -A cali-fw-a -p udp -m comment --comment "Drop VXLAN encapped packets originating in workloads" -m multiport --dports 4789 -j DROP
        -A cali-fw-a -j MARK --set-xmark 0x0/0x20000
        -A cali-fw-a -m mark --mark 0x0/0x20000 -j cali-po-allow-web
        -A cali-fw-a -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 -j RETURN
        -A cali-fw-a -m comment --comment "Drop if no policies passed packet" -m mark --mark 0x0/0x20000 -j DROP
        -A cali-po-allow-web -p tcp -m set --match-set cali40s:web dst -m multiport --dports 80,8443 -j MARK --set-xmark 0x10000/0x10000
        -A cali-po-allow-web -m mark --mark 0x10000/0x10000 -j RETURN
        COMMIT
        """;

    private const string Docker = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :DOCKER - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
        -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
        -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
        -A DOCKER -i docker0 -j RETURN
        -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.2.5:80
        COMMIT
        *filter
        :FORWARD DROP [0:0]
        :DOCKER-USER - [0:0]
        -A FORWARD -j DOCKER-USER
        -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A FORWARD -i docker0 -o docker0 -j ACCEPT
        -A DOCKER-USER -j RETURN
        COMMIT
        """;

    private const string Portmap = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :CNI-DN-1 - [0:0]
        :CNI-HOSTPORT-DNAT - [0:0]
        :CNI-HOSTPORT-MASQ - [0:0]
        :CNI-HOSTPORT-SETMARK - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
        -A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
        -A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
        -A CNI-DN-1 -s 10.244.1.0/24 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK
        -A CNI-DN-1 -s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK
        -A CNI-DN-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.244.1.6:80
        -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"k8s\" id: \"1\"" -m multiport --dports 8080 -j CNI-DN-1
        -A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
        -A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000
        COMMIT
        """;

    private const string Flannel = """
        *nat
        :POSTROUTING ACCEPT [0:0]
        :FLANNEL-POSTRTG - [0:0]
        -A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
        -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
        COMMIT
        *filter
        :FORWARD DROP [0:0]
        :FLANNEL-FWD - [0:0]
        -A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
        -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
        -A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
        COMMIT
        """;

    private const string Firewalld = """
        *mangle
        :PREROUTING ACCEPT [0:0]
        -A PREROUTING -m rpfilter --validmark --invert -j DROP
        COMMIT
        *filter
        :FORWARD ACCEPT [0:0]
        :FWD_public - [0:0]
        -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT
        -A FORWARD -i lo -j ACCEPT
        -A FORWARD -i cwp+ -g FWD_public
        -A FORWARD -m conntrack --ctstate INVALID -j DROP
        -A FORWARD -j REJECT --reject-with icmp-host-prohibited
        -A FWD_public -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW,UNTRACKED -j ACCEPT
        -A FWD_public -p icmp -j ACCEPT
        COMMIT
        """;

    private static TraceResult Run(
        string text, string to, ushort port, TransportProtocol protocol = TransportProtocol.Tcp, params Entry[] more)
    {
        var world = PaperLab.Build().Add("n1",
        [
            .. IptablesSave.Parse(text, IpFamily.V4),
            .. IpsetSave.Parse("create cali40s:web hash:net family inet\nadd cali40s:web 10.244.2.0/26\n"),
            .. more,
        ]);
        return Tracer.Run(world, new(PaperLab.A, IpAddress.Parse(to), protocol, port));
    }

    [Fact]
    public void Calico_accepts_what_a_policy_marks_and_drops_the_rest()
    {
        Expect.Reachable(Run(Calico, "10.244.2.5", 80));
        Expect.Cause(Run(Calico, "10.244.2.5", 81), CauseCode.RuleDrop, "n1", "Drop if no policies passed packet");
        Expect.Cause(Run(Calico, "10.244.1.6", 80), CauseCode.RuleDrop, "n1", "Drop if no policies passed packet");
        Expect.Cause(Run(Calico, "10.244.2.5", 4789, TransportProtocol.Udp), CauseCode.RuleDrop, "n1", "VXLAN encapped");
    }

    [Fact]
    public void A_base_chain_that_nft_added_to_a_table_of_iptables_decides_too()
    {
        const string json = """
            {"nftables": [{"table": {"family": "ip", "name": "filter", "handle": 1}},
              {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
              {"chain": {"family": "ip", "table": "filter", "name": "mine", "handle": 2, "type": "filter", "hook": "forward", "prio": -5, "policy": "accept"}},
              {"rule": {"family": "ip", "table": "filter", "chain": "mine", "handle": 3, "expr": [{"drop": null}]}}]}
            """;
        Expect.Reachable(Run(Flannel, "10.244.2.5", 80));
        var result = Run(Flannel, "10.244.2.5", 80, more: [.. NftJson.Parse(Encoding.UTF8.GetBytes(json))]);
        Expect.Cause(result, CauseCode.RuleDrop, "n1", "chain mine");
    }

    [Fact]
    public void Docker_s_policy_drops_what_it_does_not_know()
    {
        var result = Run(Docker, "10.244.2.5", 80);
        Expect.Cause(result, CauseCode.RuleDrop, "n1", "chain FORWARD, policy DROP");
    }

    [Fact]
    public void Docker_publishes_a_port()
    {
        var result = Run(Docker.Replace(":FORWARD DROP", ":FORWARD ACCEPT"), "192.168.1.1", 8080);
        Expect.Reachable(result);
        Assert.Contains(result.Forward.Hops, h => h.Action.Contains("translates 192.168.1.1:8080 to 10.244.2.5:80"));
    }

    [Fact]
    public void Portmap_publishes_a_port_and_masquerades_its_neighbours()
    {
        var result = Run(Portmap, "192.168.1.1", 8080);
        Expect.Reachable(result);
        Assert.Contains(result.Forward.Hops, h => h.Action.Contains("translates 192.168.1.1:8080 to 10.244.1.6:80"));
        Assert.Contains(result.Forward.Hops, h => h.Action.StartsWith("masquerades"));
    }

    [Fact]
    public void Flannel_lets_pods_pass_and_masquerades_none_between_them()
    {
        var result = Run(Flannel, "10.244.2.5", 80);
        Expect.Reachable(result);
        Assert.DoesNotContain(result.Forward.Hops, h => h.Action.StartsWith("masquerades"));
    }

    [Fact]
    public void Firewalld_passes_what_a_zone_allows_and_rejects_the_rest()
    {
        Expect.Reachable(Run(Firewalld, "10.244.2.5", 80));
        Expect.Reachable(Run(Firewalld, "10.244.2.5", 0, TransportProtocol.Icmp));
        Expect.Reachable(Run(Firewalld.Replace("-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n", ""), "10.244.2.5", 81));
        var zone = Firewalld.Replace("COMMIT\n*filter", "COMMIT\n*filter").Replace("-A FWD_public -p icmp -j ACCEPT",
            "-A FWD_public -p icmp -j ACCEPT\n-A FWD_public -j REJECT --reject-with icmp-admin-prohibited");
        Expect.Cause(Run(zone, "10.244.2.5", 81), CauseCode.RuleReject, "n1", "icmp-admin-prohibited");
    }
}
