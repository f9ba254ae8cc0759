using Causeway.Core.Addressing;
using CsCheck;

namespace Causeway.Core.Tests.Addressing;

public sealed class PrefixTests
{
    public static readonly Gen<Prefix> Any = IpAddressTests.Any.SelectMany(
        address => Gen.Int[0, address.Family.Bits], Prefix.Of);

    [Theory]
    [InlineData("10.0.0.1/24", "'10.0.0.1/24' has host bits set; the network is 10.0.0.0/24")]
    [InlineData("10.0.0.0/33", "'10.0.0.0/33' is not a network in CIDR form")]
    [InlineData("10.0.0.0/08", "'10.0.0.0/08' is not a network in CIDR form")]
    [InlineData("10.0.0.0", "'10.0.0.0' is not a network in CIDR form")]
    [InlineData("fd00::/129", "'fd00::/129' is not a network in CIDR form")]
    public void A_bad_network_is_refused_with_the_reason(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Prefix.Parse(text)).Message);

    [Fact]
    public void Text_round_trips() => Any.Sample(prefix => Prefix.Parse(prefix.ToString()) == prefix);

    [Fact]
    public void A_prefix_holds_its_first_and_last_address_and_not_the_next() => Any.Sample(prefix =>
        prefix.Contains(prefix.Address) && prefix.Contains(prefix.Last)
        && (prefix.Last == Prefix.Default(prefix.Family).Last || !prefix.Contains(prefix.Last.Add(1))));

    [Fact]
    public void The_whole_family_is_a_prefix_like_any_other()
    {
        var all = Prefix.Parse("0.0.0.0/0");
        Assert.Equal("255.255.255.255", all.Last.ToString());
        Assert.True(all.Contains(IpAddress.Parse("203.0.113.9")));
        Assert.False(all.Contains(IpAddress.Parse("::1")));
        Assert.Equal(UInt128.MaxValue, Prefix.Parse("::/0").Count);
    }

    [Fact]
    public void Two_prefixes_overlap_exactly_when_one_holds_the_other() => Gen.Select(Any, Any).Sample((a, b) =>
        a.Overlaps(b) == (a.Contains(b.Address) || b.Contains(a.Address)));
}
