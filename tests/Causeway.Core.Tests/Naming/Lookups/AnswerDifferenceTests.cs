using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Lookups.LookupScene;

namespace Causeway.Core.Tests.Naming.Lookups;

public sealed class AnswerDifferenceTests
{
    [Theory]
    [InlineData("open-nginx", DnsRcode.NOERROR, "10.96.0.21", "")]
    [InlineData("open-nginx", DnsRcode.NOERROR, "10.96.0.21,10.96.0.99", "the answer has 10.96.0.99 too: the service's cluster IP <- Service ns1/open-nginx")]
    [InlineData("open-nginx", DnsRcode.NOERROR, "10.96.0.99", "the answer has 10.96.0.99 too, and lacks 10.96.0.21: ")]
    [InlineData("open-nginx", DnsRcode.NOERROR, "", "NODATA; it should be 10.96.0.21: ")]
    [InlineData("open-nginx", DnsRcode.NXDOMAIN, "", "NXDOMAIN; it should be 10.96.0.21: ")]
    [InlineData("open-nginx", DnsRcode.SERVFAIL, "", "SERVFAIL; it should be 10.96.0.21: ")]
    [InlineData("nobody.", DnsRcode.NXDOMAIN, "", "")]
    [InlineData("google.example.", DnsRcode.NOERROR, "192.0.2.9", "")]
    [InlineData("open-nginx", null, "", "no answer (silence); it should be 10.96.0.21: ")]
    [InlineData("google.example.", null, "", "no answer (silence); it should be known only by asking: forwarded to ")]
    public void What_was_told_is_compared_with_what_should_be(string name, DnsRcode? rcode, string addresses, string difference)
    {
        var expected = Find(name);
        var found = AnswerDifference.Between(expected, new([Told(expected.Candidates[0].Candidate, rcode, addresses)]));
        if (difference.Length == 0) Assert.Empty(found);
        else Assert.StartsWith(difference, Assert.Single(found).Message);
    }

    private static AskedQuestion Told(Candidate candidate, DnsRcode? rcode, string addresses)
    {
        var name = DnsName.Parse(candidate.Name);
        ImmutableArray<DnsRecord> records =
            [.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(a => new DnsRecord(name, DnsType.A, 1, DnsData.Of(IpAddress.Parse(a))))];
        var reply = rcode is { } code ? new DnsMessage { Rcode = code, Answers = records } : null;
        return new(candidate, DnsType.A, Conf.Nameservers[0], reply, TimeSpan.Zero, reply is null ? "silence" : "");
    }
}
