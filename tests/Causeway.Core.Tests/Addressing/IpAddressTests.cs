using Causeway.Core.Addressing;
using CsCheck;

namespace Causeway.Core.Tests.Addressing;

public sealed class IpAddressTests
{
    public static readonly Gen<IpAddress> Any = Gen.OneOf(
        Gen.UInt.Select(IpAddress.V4),
        Gen.ULong.Select(Gen.ULong, (high, low) => IpAddress.V6(new UInt128(high, low))),
        Gen.UShort.Select(low => IpAddress.V6((UInt128)0xFD00 << 112 | low)));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.244.1.7")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fd00:10:244::5")]
    [InlineData("2001:db8:1:2:3:4:5:6")]
    public void Canonical_text_reads_back_as_itself(string text) =>
        Assert.Equal(text, IpAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0.1.2")]
    [InlineData("+1.2.3.4")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("::1/64")]
    [InlineData("1::2::3")]
    [InlineData("::ffff:010.0.0.1")]
    [InlineData("10.0.0.1:80")]
    public void What_is_not_exactly_an_address_is_refused(string text)
    {
        Assert.False(IpAddress.TryParse(text, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => IpAddress.Parse(text)).Message);
    }

    [Fact]
    public void Text_and_bytes_round_trip() => Any.Sample(address =>
        IpAddress.Parse(address.ToString()) == address && IpAddress.FromBytes(address.ToBytes()) == address);

    [Fact]
    public void Random_text_never_crashes_the_parser() => Gen.String.Sample(text =>
    {
        _ = IpAddress.TryParse(text, out _);
        _ = Prefix.TryParse(text, out _);
        _ = MacAddress.TryParse(text, out _);
    });

    [Fact]
    public void Order_is_by_family_then_value() =>
        Assert.Equal(
            ["9.0.0.0", "10.0.0.0", "::", "::1"],
            new[] { "::1", "10.0.0.0", "::", "9.0.0.0" }.Select(t => IpAddress.Parse(t)).Order().Select(a => a.ToString()));

    [Fact]
    public void Default_is_the_unspecified_IPv4_address() => Assert.Equal("0.0.0.0", default(IpAddress).ToString());
}
