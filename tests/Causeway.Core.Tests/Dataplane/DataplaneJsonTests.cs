using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using CsCheck;

namespace Causeway.Core.Tests.Dataplane;

public sealed class DataplaneJsonTests
{
    [Fact]
    public void RoutesSurvive() => EntryGenerators.Route.Array[0, 10].Sample(routes =>
        Assert.Equal(routes, DataplaneJson.ParseRoutes(Bytes(DataplaneJson.Print(routes)))));

    [Fact]
    public void RulesSurvive() => EntryGenerators.Rule.Array[0, 10].Sample(rules =>
    {
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            var own = rules.Where(r => r.Family == family).ToList();
            Assert.Equal(own, DataplaneJson.ParseRules(Bytes(DataplaneJson.Print(own)), family));
        }
    });

    [Fact]
    public void NeighboursSurvive() => EntryGenerators.Neighbour.Array[0, 10].Sample(neighbours =>
        Assert.Equal(neighbours, DataplaneJson.ParseNeighbours(Bytes(DataplaneJson.Print(neighbours)))));

    [Fact]
    public void ForwardingEntriesSurvive() => EntryGenerators.Fdb.Array[0, 10].Sample(entries =>
        Assert.Equal(entries, DataplaneJson.ParseFdb(Bytes(DataplaneJson.Print(entries)))));

    [Fact]
    public void AddressesSurvive() => EntryGenerators.LinkAddress.Array[0, 10].Sample(addresses =>
        Assert.Equal(
            addresses.ToHashSet(), DataplaneJson.ParseAddresses(Bytes(DataplaneJson.Print(addresses))).ToHashSet()));

    [Fact]
    public void LinksSurvive()
    {
        Link[] links =
        [
            new() { Name = "lo", Index = 1, Carrier = true, Mac = default(MacAddress), Mtu = 65536 },
            new() { Name = "eth0", Index = 2, Kind = "veth", PeerIndex = 3, Carrier = true, Alias = "uplink" },
            new() { Name = "wire", Index = 3, Kind = "veth", PeerIndex = 2, Up = false, Carrier = false, Master = "br0" },
            new() { Name = "cwp1", Index = 4, Kind = "veth", PeerIndex = 2, PeerNamespaceId = 7, Carrier = true },
            new() { Name = "br0", Index = 5, Kind = "bridge", Carrier = false, Xdp = true },
            new()
            {
                Name = "cwvxlan", Index = 6, Kind = "vxlan", Carrier = true,
                Vxlan = new VxlanSettings(4096, IpAddress.Parse("2001:db8::1"), "eth0", 8472, true),
            },
        ];
        Assert.Equal(links, DataplaneJson.ParseLinks(Bytes(DataplaneJson.Print(links))));
    }

    [Theory]
    [InlineData("[{\"dst\":\"10.0.0.1/8\"}]", "entry 1: '10.0.0.1/8' has host bits set")]
    [InlineData("[{\"dst\":\"10.0.0.0/8\"},{\"dev\":\"eth0\"}]", "entry 2: 'dst' is missing")]
    [InlineData("[{\"dst\":\"default\",\"type\":\"magic\"}]", "'magic' is not a known RouteKind")]
    [InlineData("{}", "not the output of 'ip -j -d route'")]
    [InlineData("[{\"dst\":7}]", "not the output of 'ip -j -d route': entry 1")]
    public void WhatIsWrongIsNamed(string json, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => DataplaneJson.ParseRoutes(Bytes(json))).Message);

    [Fact]
    public void DamagedTextIsAFormatErrorAtWorst() =>
        Gen.Select(EntryGenerators.Route.Array[1, 3], Gen.Int[0, 2000], Gen.Char.AlphaNumeric, Gen.Int[0, 2000])
            .Sample((routes, at, character, length) =>
            {
                var text = new StringBuilder(DataplaneJson.Print(routes));
                text[at % text.Length] = character;
                try
                {
                    DataplaneJson.ParseRoutes(Bytes(text.ToString(0, Math.Min(length, text.Length))));
                }
                catch (FormatException)
                {
                    // What damaged text is meant to end in.
                }
            });

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
