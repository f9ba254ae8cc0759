using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using CsCheck;

namespace Causeway.Core.Tests.Dataplane;

public sealed class DeltaTrackerTests
{
    private static readonly Gen<Entry> Entries = Gen.Select(
        Gen.UInt[0, 7], Gen.UInt[1, 3], Gen.Int[0, 2], (address, via, kind) => (Entry)(kind switch
        {
            0 => new Route
            {
                Destination = IpAddress.V4(address).Host, Via = IpAddress.V4(via), Device = "eth0",
                Protocol = address % 2 == 0 ? Ownership.RouteProtocol : (byte)3,
            },
            1 => new Sysctl($"net/ipv4/conf/d{address}/proxy_arp", via.ToString()),
            _ => new FdbEntry { Device = Ownership.VxlanDevice, Mac = new MacAddress(address + 1), Destination = IpAddress.V4(via) },
        }));

    private static readonly Gen<DataplaneState> States = Entries.Array[0, 20].Select(entries =>
        DataplaneState.Of(entries.DistinctBy(e => e.Key)));

    [Fact]
    public void Applying_the_difference_gives_what_was_planned_and_keeps_what_is_foreign() =>
        Gen.Select(States, States).Sample((planned, observed) =>
        {
            var after = DataplaneDiff.Compute(planned, observed).Aggregate(observed, (state, operation) =>
                operation is Upsert upsert ? state.With(upsert.Planned) : state.Without(operation.Key));
            Assert.All(planned.Entries, p => Assert.True(after[p.Key]!.Fulfils(p)));
            Assert.All(observed.Entries.Where(o => !Ownership.IsOurs(o)), o => Assert.NotNull(after[o.Key]));
            Assert.All(after.Entries.Where(Ownership.IsOurs), a => Assert.NotNull(planned[a.Key]));
            Assert.Empty(DataplaneDiff.Compute(planned, after));
        });

    [Fact]
    public void Equal_dataplanes_need_nothing() => States.Sample(state =>
        DataplaneDiff.Compute(state, state).Count == 0);

    [Fact]
    public void Order_is_removal_downwards_then_addition_upwards()
    {
        var route = new Route { Destination = Prefix.Parse("10.0.0.0/8"), Device = "cwvxlan", Protocol = Ownership.RouteProtocol };
        var link = new Link { Name = "cwvxlan", Kind = "vxlan" };
        var forwards = DataplaneDiff.Compute(DataplaneState.Of([route, link]), DataplaneState.Empty);
        Assert.Equal([EntryKind.Link, EntryKind.Route], forwards.Select(o => o.Key.Kind));
        var back = DataplaneDiff.Compute(DataplaneState.Empty, DataplaneState.Of([route, link]));
        Assert.Equal([EntryKind.Route, EntryKind.Link], back.Select(o => o.Key.Kind));
    }

    [Fact]
    public void A_change_from_outside_is_told_once()
    {
        var tracker = new DeltaTracker();
        var route = new Route { Destination = Prefix.Parse("10.0.0.0/8"), Device = "eth0", Protocol = Ownership.RouteProtocol };
        tracker.SetDesired(route.Key, route);
        tracker.Done(tracker.Pending().Single());
        Assert.Equal(0, tracker.PendingCount);
        Assert.True(tracker.SetActual(route.Key, null));
        Assert.False(tracker.SetActual(route.Key, route with { Device = "eth1" }));
        Assert.Equal(1, tracker.PendingCount);
    }
}
