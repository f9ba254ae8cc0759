using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using CsCheck;

namespace Causeway.Core.Tests.Dataplane;

/// <summary>Random entries such as a kernel could hold, for property tests.</summary>
internal static class EntryGenerators
{
    public static readonly ImmutableArray<string> Devices = ["lo", "eth0", "cwvxlan", "cwp0123456789a", "br.7"];

    private static Gen<T> Constants<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T?> Optional<T>(Gen<T> gen) where T : struct =>
        Gen.Select(gen, Gen.Bool, (value, there) => there ? value : (T?)null);

    public static readonly Gen<string> Device = Constants(Devices.ToArray());

    public static readonly Gen<IpFamily> Family = Constants(IpFamily.V4, IpFamily.V6);

    public static readonly Gen<MacAddress> Mac = Gen.ULong.Select(v => MacAddress.Local(v));

    public static Gen<IpAddress> Address(IpFamily family) => family == IpFamily.V4
        ? Gen.UInt.Select(IpAddress.V4)
        : Gen.Select(Gen.ULong, Gen.ULong, (high, low) => IpAddress.V6(new UInt128(high, low)));

    public static readonly Gen<IpAddress> AnyAddress = Family.SelectMany(Address);

    public static Gen<Prefix> PrefixOf(IpFamily family) =>
        Gen.Select(Address(family), Gen.Int[0, family.Bits], Prefix.Of);

    public static readonly Gen<Route> UnicastRoute = Family.SelectMany(family => Gen.Select(
        PrefixOf(family), Optional(Address(family)), Optional(Address(family)), Device, Gen.UInt[0, 5000],
        Constants(254u, 255u, 100u, 70000u), Gen.Byte,
        (to, via, source, device, metric, table, protocol) => new Route
        {
            Destination = to, Via = via, Device = device, PreferredSource = source, Metric = metric, Table = table,
            Protocol = protocol, Onlink = via is not null && metric % 2 == 0,
            Scope = family == IpFamily.V4 && via is null ? Scope.Link : Scope.Global,
            Mtu = metric % 3 == 0 ? 1450 : null,
        }));

    public static readonly Gen<Route> BlackholeRoute = Gen.Select(
        Family.SelectMany(PrefixOf), Constants(RouteKind.Blackhole, RouteKind.Unreachable, RouteKind.Prohibit),
        (to, kind) => new Route { Destination = to, Kind = kind, Protocol = 202 });

    public static readonly Gen<Route> ViaOtherFamilyRoute = Gen.Select(
        PrefixOf(IpFamily.V4), Address(IpFamily.V6), Device,
        (to, via, device) => new Route { Destination = to, Via = via, Device = device, Protocol = 202 });

    public static readonly Gen<Route> MultipathRoute = Family.SelectMany(family => Gen.Select(
        PrefixOf(family),
        Gen.Select(Device, Optional(Address(family)), Gen.Bool, Gen.Int[1, 256], (device, via, onlink, weight) =>
            new NextHop(device, via, onlink && via is not null, weight)).Array[2, 5],
        (to, hops) => new Route { Destination = to, Protocol = 202, NextHops = [.. hops] }));

    public static readonly Gen<Route> Route =
        Gen.OneOf(UnicastRoute, BlackholeRoute, ViaOtherFamilyRoute, MultipathRoute);

    public static readonly Gen<LinkAddress> LinkAddress = Family.SelectMany(family => Gen.Select(
        Address(family), Gen.Int[0, family.Bits], Device, Constants(Scope.Global, Scope.Link, Scope.Host),
        (address, length, device, scope) => new LinkAddress
        {
            Device = device, Address = new InterfaceAddress(address, length), Scope = scope,
        }));

    public static readonly Gen<Neighbour> Neighbour = Gen.Select(
        AnyAddress, Optional(Mac), Device, Gen.Bool,
        Constants(NeighbourState.Permanent, NeighbourState.Reachable, NeighbourState.Stale,
            NeighbourState.Failed, NeighbourState.NoArp),
        (address, mac, device, proxy, state) => new Neighbour
        {
            Address = address, Device = device, Proxy = proxy, Mac = proxy ? null : mac,
            State = proxy ? NeighbourState.Permanent : state,
        });

    public static readonly Gen<FdbEntry> Fdb = Gen.Select(
        Gen.OneOf(Mac, Gen.Const(default(MacAddress))), Optional(AnyAddress), Device,
        (mac, destination, device) => new FdbEntry { Mac = mac, Destination = destination, Device = device });

    public static readonly Gen<Rule> Rule = Family.SelectMany(family => Gen.Select(
        Gen.Select(Optional(PrefixOf(family)), Optional(PrefixOf(family))), Gen.UInt[1, 32765], Gen.UInt, Gen.Bool,
        Device.Null(), Constants(RuleAction.Lookup, RuleAction.Goto, RuleAction.Blackhole, RuleAction.Prohibit),
        (networks, priority, mark, invert, device, action) => new Rule
        {
            Family = family, Priority = priority, From = networks.Item1, To = networks.Item2, Invert = invert,
            Mark = priority % 2 == 0 ? mark : 0, MarkMask = priority % 2 == 0 ? uint.MaxValue : 0,
            InputDevice = device, Action = action, Protocol = 202,
            Table = action switch
            {
                RuleAction.Lookup => 100 + priority,
                RuleAction.Goto => priority + 1,
                _ => 0,
            },
        }));
}
