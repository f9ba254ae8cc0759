using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Services;

namespace Causeway.Core.Tests.Services;

public sealed class ServiceCounterTests
{
    [Fact]
    public void Chains_of_iptables_count_for_the_service_that_their_comments_name()
    {
        var tables = IptablesSave.Parse("""
            *nat
            :PREROUTING ACCEPT [0:0]
            :KUBE-SERVICES - [0:0]
            :KUBE-SVC-A - [0:0]
            :KUBE-SEP-B - [0:0]
            :KUBE-MARK-MASQ - [0:0]
            [9:540] -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
            [3:180] -A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "ns/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
            [1:60] -A KUBE-SVC-A ! -s 10.244.0.0/16 -p tcp -m comment --comment "ns/web:http cluster IP" -j KUBE-MARK-MASQ
            [2:120] -A KUBE-SVC-A -m comment --comment "ns/web:http -> 10.244.0.5:8080" -j KUBE-SEP-B
            COMMIT
            """, IpFamily.V4);
        Assert.Equal(
            [new("ns/web:http", "-> 10.244.0.5:8080", "KUBE-SEP-B", 2, 120), new("ns/web:http", "cluster IP", "KUBE-SVC-A", 3, 180)],
            ServiceCounter.Of(DataplaneState.Of(tables)));
    }
}
