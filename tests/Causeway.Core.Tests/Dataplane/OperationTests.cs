using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Tests.Dataplane;

public sealed class OperationTests
{
    [Fact]
    public void RemovalsRunBackwardsAndAdditionsStandOnWhatCameBefore()
    {
        static Route Route(string to, IpAddress? via = null) => new()
        {
            Destination = Prefix.Parse(to), Via = via, Device = "eth0", Protocol = Ownership.RouteProtocol,
        };
        var operations = DataplaneDiff.Compute(
            DataplaneState.Of([
                Route("0.0.0.0/0", IpAddress.Parse("10.0.0.1")), Route("10.0.0.1/32"),
                new Link { Name = Ownership.VxlanDevice, Kind = "vxlan", Vxlan = new(4096) },
            ]),
            DataplaneState.Of([Route("10.9.0.0/24"), new Link { Name = "cwpold", Kind = "veth" }]));
        Assert.Equal(
            ["delete 10.9.0.0/24", "delete cwpold", "add cwvxlan", "add 10.0.0.1/32", "add 0.0.0.0/0"],
            operations.Select(o => (o is Delete ? "delete " : "add ")
                + (o.Key.Kind == EntryKind.Route ? o.Key.Prefix : o.Key.Name)));
    }
}
