using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Netlink;

public sealed class IpvsCodecTests
{
    private const ushort Number = 0x1d;
    private static readonly IpvsCodec Codec = new(Number);

    private static readonly Gen<IpvsKey> Keys = Gen.Select(
        Gen.Enum<IpFamily>(), Gen.UInt, Gen.UShort, Gen.Int[1, 3],
        (family, value, port, protocol) => new IpvsKey(
            (TransportProtocol)protocol, IpAddress.FromValue(family, value), port));

    [Fact]
    public void A_virtual_server_survives_the_wire() => Gen.Select(
        Keys, Gen.Enum<IpvsFlags>(), Gen.UInt[1, 86400], Gen.Int[0, 2].Select(i => new[] { "rr", "wlc", "mh" }[i])).Sample(
        (key, flag, seconds, scheduler) =>
        {
            var flags = flag & ~IpvsFlags.Hashed;
            IpvsOptions options = new(scheduler, flags, flags == IpvsFlags.Persistent ? seconds : 0);
            Assert.Equal(new(key, options), Read(
                w => Codec.Write(w, IpvsVerb.Add, key, options), IpvsCodec.ReadService));
        });

    [Fact]
    public void A_real_server_survives_the_wire() => Gen.Select(Keys, Gen.UInt, Gen.UShort, Gen.Int[0, 100]).Sample(
        (key, value, port, weight) =>
        {
            IpvsServer server = new(IpAddress.FromValue(key.Address.Family, value), port, weight);
            Assert.Equal(server, Read(
                w => Codec.Write(w, IpvsVerb.Set, key, server), p => IpvsCodec.ReadServer(p, key.Address.Family)));
        });

    [Fact]
    public void Timeouts_survive_the_wire() => Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt).Sample((tcp, fin, udp) =>
        Assert.Equal(new IpvsTimeouts(tcp, fin, udp), Read(
            w => Codec.WriteSetTimeouts(w, new(tcp, fin, udp)),
            p => (object)IpvsCodec.ReadTimeouts(p))));

    [Fact]
    public void A_real_server_is_added_in_these_bytes()
    {
        NetlinkWriter writer = new();
        Codec.Write(
            writer, IpvsVerb.Add, new(TransportProtocol.Tcp, IpAddress.Parse("10.96.0.1"), 80),
            new IpvsServer(IpAddress.Parse("10.244.1.5"), 8080, 1));
        Assert.Equal(
            "8c000000" + "1d00" + "0500" + "0000000000000000" + "05010000"
            + "30000180" + "06000100" + "02000000" + "06000200" + "06000000"
            + "14000300" + "0a600001000000000000000000000000" + "06000400" + "00500000"
            + "48000280" + "14000100" + "0af40105000000000000000000000000" + "06000200" + "1f900000"
            + "06000b00" + "02000000" + "08000300" + "00000000" + "08000400" + "01000000"
            + "08000500" + "00000000" + "08000600" + "00000000",
            Convert.ToHexStringLower(writer.Written));
    }

    [Fact]
    public void The_familys_number_is_asked_for_by_name()
    {
        NetlinkWriter writer = new();
        GenericCodec.WriteGetFamily(writer, IpvsCodec.Name);
        Assert.Equal(
            "20000000" + "1000" + "0100" + "0000000000000000" + "03020000" + "09000200" + "4950565300000000",
            Convert.ToHexStringLower(writer.Written));
        var answer = Convert.FromHexString("01020000" + "09000200" + "4950565300000000" + "06000100" + "1d000000");
        Assert.Equal(Number, GenericCodec.ReadFamily(answer));
    }

    [Fact]
    public void Counters_of_64_bits_are_read()
    {
        var service = IpvsCodec.ReadService(Convert.FromHexString(
            "01010000" + "64000180" + "06000100" + "02000000" + "06000200" + "11000000"
            + "14000300" + "0a60000a000000000000000000000000" + "06000400" + "00350000"
            + "07000600" + "72720000" + "0c000700" + "0200000000000000"
            + "20000c80" + "0c000100" + "0300000001000000" + "04000b00"
            + "0c000400" + "0500000000000000"));
        Assert.Equal("udp 10.96.0.10:53 rr", $"{service!.Key} {service.Options}");
        Assert.Equal(new IpvsStatistics(0x1_0000_0003, 0, 0, 5, 0), service.Statistics);
    }

    [Fact]
    public void Random_bytes_are_a_format_error_at_worst() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        Try(() => IpvsCodec.ReadService(bytes));
        Try(() => IpvsCodec.ReadServer(bytes, IpFamily.V6));
        Try(() => GenericCodec.ReadFamily(bytes));

        static void Try(Action read)
        {
            try
            {
                read();
            }
            catch (NetlinkFormatException)
            {
                // The one thing that may be thrown.
            }
        }
    });

    private delegate T? Parser<out T>(ReadOnlySpan<byte> payload);

    private static T? Read<T>(Action<NetlinkWriter> write, Parser<T> parse)
    {
        NetlinkWriter writer = new(16);
        write(writer);
        NetlinkReader reader = new(writer.Written);
        Assert.True(reader.TryRead(out var message));
        Assert.Equal(Number, (ushort)message.Type);
        return parse(message.Payload);
    }
}
