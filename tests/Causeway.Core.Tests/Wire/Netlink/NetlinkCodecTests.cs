using Causeway.Core.Dataplane;
using Causeway.Core.Tests.Dataplane;
using Causeway.Core.Wire.Netlink;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Netlink;

public sealed class NetlinkCodecTests
{
    private delegate T? Parser<T>(ReadOnlySpan<byte> payload);

    private static readonly DeviceNames Names = MakeNames();

    [Fact]
    public void RoutesSurviveTheWire() => EntryGenerators.Route.Sample(route => AssertSurvives(
        route, w => RouteCodec.WriteSet(w, route, Names), p => RouteCodec.Read(p, Names)));

    [Fact]
    public void AddressesSurviveTheWire() => EntryGenerators.LinkAddress.Sample(address => AssertSurvives(
        address, w => AddressCodec.WriteSet(w, address, Names), p => AddressCodec.Read(p, Names)));

    [Fact]
    public void NeighboursSurviveTheWire() => EntryGenerators.Neighbour.Sample(neighbour => AssertSurvives<Entry>(
        neighbour, w => NeighbourCodec.WriteSet(w, neighbour, Names), p => NeighbourCodec.Read(p, Names)));

    [Fact]
    public void ForwardingEntriesSurviveTheWire() => EntryGenerators.Fdb.Sample(fdb => AssertSurvives<Entry>(
        fdb, w => NeighbourCodec.WriteSet(w, fdb, Names), p => NeighbourCodec.Read(p, Names)));

    [Fact]
    public void RulesSurviveTheWire() => EntryGenerators.Rule.Sample(rule => AssertSurvives(
        rule, w => RuleCodec.WriteAdd(w, rule), p => RuleCodec.Read(p)));

    [Fact]
    public void LinksSurviveTheWire()
    {
        var link = new Link
        {
            Name = "cwvxlan", Kind = "vxlan", Mtu = 1450, Mac = new(0x020304050607), Master = "eth0",
            Alias = "of the test", Carrier = false,
            Vxlan = new VxlanSettings(4096, Core.Addressing.IpAddress.Parse("192.0.2.1"), "eth0"),
        };
        AssertSurvives(link, w => LinkCodec.WriteCreate(w, link, Names), p => LinkCodec.Read(p, Names));
    }

    [Fact]
    public void AMissingDeviceIsNamed()
    {
        var route = new Route { Destination = default, Device = "none" };
        var error = Assert.Throws<UnknownDeviceException>(
            () => RouteCodec.WriteSet(new NetlinkWriter(), route, Names));
        Assert.Equal("there is no device 'none'", error.Message);
    }

    [Fact]
    public void RandomBytesAreAFormatErrorAtWorst() => Gen.Byte.Array[0, 200].Sample(ReadEverything);

    [Fact]
    public void DamagedMessagesAreAFormatErrorAtWorst()
    {
        var message = Gen.OneOf(
            EntryGenerators.Route.Select(r => Bytes(w => RouteCodec.WriteSet(w, r, Names))),
            EntryGenerators.Rule.Select(r => Bytes(w => RuleCodec.WriteAdd(w, r))),
            EntryGenerators.Neighbour.Select(n => Bytes(w => NeighbourCodec.WriteSet(w, n, Names))),
            EntryGenerators.LinkAddress.Select(a => Bytes(w => AddressCodec.WriteSet(w, a, Names))));
        Gen.Select(message, Gen.Int[0, 400], Gen.Byte, Gen.Int[0, 400]).Sample((bytes, at, value, length) =>
        {
            bytes[at % bytes.Length] = value;
            ReadEverything(bytes[..Math.Min(length, bytes.Length)]);
        });
    }

    [Fact]
    public void TheKernelsExplanationIsRead()
    {
        var bytes = Convert.FromHexString(
            "50000000" + "0200" + "0003" + "01000000" + "00000000"      // error, capped, with attributes
            + "EAFFFFFF" + "2C000000180005040100000000000000"           // EINVAL, the request's header
            + "16000100" + "4E6578747A686F702077726F6E67212121" + "00" + "0000"
            + "08000200" + "1C000000");
        bytes[0] = (byte)bytes.Length;
        var reader = new NetlinkReader(bytes);
        Assert.True(reader.TryRead(out var message));
        var ack = NetlinkAck.Read(message);
        Assert.Equal(22, ack.Error);
        Assert.Equal(": Nextzhop wrong!!! (at byte 28 of the request)", ack.Explanation);
    }

    private static void AssertSurvives<T>(T entry, Action<NetlinkWriter> write, Parser<T> parse)
    {
        var reader = new NetlinkReader(Bytes(write));
        Assert.True(reader.TryRead(out var message));
        Assert.Equal(entry, parse(message.Payload));
        Assert.False(reader.TryRead(out _));
    }

    private static byte[] Bytes(Action<NetlinkWriter> write)
    {
        var writer = new NetlinkWriter(16);
        write(writer);
        return writer.Written.ToArray();
    }

    private static void ReadEverything(byte[] bytes)
    {
        Try(b =>
        {
            var reader = new NetlinkReader(b);
            while (reader.TryRead(out var message))
                if (message.Type is NetlinkType.Error or NetlinkType.Done) NetlinkAck.Read(message);
        });
        var body = bytes.Length > NetlinkWriter.HeaderBytes ? bytes[NetlinkWriter.HeaderBytes..] : bytes;
        foreach (var payload in new[] { bytes, body })
        {
            Try(b => LinkCodec.Read(b, Names), payload);
            Try(b => LinkCodec.ReadName(b), payload);
            Try(b => AddressCodec.Read(b, Names), payload);
            Try(b => RouteCodec.Read(b, Names), payload);
            Try(b => RuleCodec.Read(b), payload);
            Try(b => NeighbourCodec.Read(b, Names), payload);
            Try(b => NamespaceIdCodec.Read(b), payload);
            Try(b => TrafficControlCodec.Read(b), payload);
            Try(b => NetworkConfigurationCodec.Read(b, Names), payload);
        }

        void Try(Action<byte[]> read, byte[]? input = null)
        {
            try
            {
                read(input ?? bytes);
            }
            catch (NetlinkFormatException)
            {
                // What a malformed message is meant to end in.
            }
        }
    }

    private static DeviceNames MakeNames()
    {
        var names = new DeviceNames();
        for (var i = 0; i < EntryGenerators.Devices.Length; i++) names.Set(i + 1, EntryGenerators.Devices[i]);
        return names;
    }
}
