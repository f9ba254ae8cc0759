using Causeway.Core.Wire.Dns;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Dns;

public sealed class DnsNameTests
{
    [Fact]
    public void Names_survive_their_text() => DnsGenerators.Name.Sample(name =>
    {
        var again = DnsName.Parse(name.ToString());
        Assert.Equal(name.Wire, again.Wire);
    });

    [Fact]
    public void Case_is_kept_and_not_regarded()
    {
        var (mixed, lower) = (DnsName.Parse("KuBe-Dns.Kube-System.svc"), DnsName.Parse("kube-dns.kube-system.SVC."));
        Assert.Equal("KuBe-Dns.Kube-System.svc.", mixed.ToString());
        Assert.Equal(mixed, lower);
        Assert.Equal(mixed.GetHashCode(), lower.GetHashCode());
        Assert.Equal("kube-dns.kube-system.svc.", mixed.ToLower().ToString());
    }

    [Fact]
    public void Equal_names_hash_and_order_alike() => Gen.Select(DnsGenerators.Name, DnsGenerators.Name).Sample((a, b) =>
    {
        Assert.Equal(a, a.ToLower());
        Assert.Equal(a.GetHashCode(), a.ToLower().GetHashCode());
        Assert.Equal(a.Equals(b), a.CompareTo(b) == 0);
        Assert.Equal(Math.Sign(a.CompareTo(b)), -Math.Sign(b.CompareTo(a)));
    });

    [Fact]
    public void Order_is_canonical()
    {
        string[] sorted = ["example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example."];
        Assert.Equal(sorted, sorted.Reverse().Select(t => DnsName.Parse(t)).Order().Select(n => n.ToString()));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a..b", "empty label")]
    [InlineData(".a", "empty label")]
    [InlineData("a b", "no valid byte at 1")]
    [InlineData(@"a\25", "no valid byte at 1")]
    [InlineData(@"a\256", "no valid byte at 1")]
    [InlineData("näme", "no valid byte at 1")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", "more than 63")]
    public void Texts_that_are_no_names_are_refused(string text, string why)
    {
        Assert.False(DnsName.TryParse(text, out _, out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Contains($"'{text}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_255_bytes()
    {
        var label = new string('a', 63);
        var longest = $"{label}.{label}.{label}.{new string('b', 61)}";
        Assert.Equal(255, DnsName.Parse(longest).Wire.Length);
        Assert.Equal(255, DnsName.Parse(longest + ".").Wire.Length);
        Assert.False(DnsName.TryParse(longest + "b", out _, out var error));
        Assert.Contains("255", error, StringComparison.Ordinal);
        Assert.False(DnsName.Parse(longest).TryPrepend("x"u8, out _));
    }

    [Fact]
    public void Names_know_what_they_are_within()
    {
        var (zone, name) = (DnsName.Parse("cluster.local"), DnsName.Parse("a.svc.CLUSTER.local"));
        Assert.True(name.IsWithin(zone));
        Assert.True(zone.IsWithin(zone));
        Assert.True(name.IsWithin(DnsName.Root));
        Assert.False(DnsName.Parse("xcluster.local").IsWithin(zone));
        Assert.True(name.TryRelativeTo(zone, out var relative));
        Assert.Equal("a.svc.", relative.ToString());
        Assert.True(relative.TryAppend(zone, out var whole));
        Assert.Equal(name, whole);
        Assert.Equal(4, name.LabelCount);
        Assert.Equal("svc.CLUSTER.local.", name.Parent.ToString());
    }
}
