using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Zones.ZoneObjects;

namespace Causeway.Core.Tests.Naming.Answering;

/// <summary>Copies of zones: whole, in messages that fit, and only for those who may have them.</summary>
public sealed class TransferTests
{
    private static readonly DnsName Apex = Settings.Apex;

    private static readonly NameIndex Names = Index(
        Namespace("shop"), Service("shop", "web", "10.96.0.7,fd00::7", "http:80", "https:443"),
        Service("shop", "db", "None", "sql:5432"), External("shop", "out", "www.example."),
        Service("shop", "none", "None", "x:1"),
        Slice("shop", "db", "db-1", ["sql:5432"], "10.244.0.4=db-0", "10.244.0.5", "!10.244.0.6"));

    [Fact]
    public void A_copy_has_exactly_the_records_that_questions_get()
    {
        var zone = Zone(Names);
        var copy = zone.Records().ToList();
        Assert.All(copy, record => Assert.Contains(record, zone.Answer(new(record.Name, record.Type)).Answers));
        foreach (var name in (string[])["web.shop.svc", "db.shop.svc", "out.shop.svc", "db-0.db.shop.svc", "10-244-0-5.db.shop.svc"])
            foreach (var type in (DnsType[])[DnsType.A, DnsType.AAAA, DnsType.CNAME])
            {
                DnsQuestion question = new(DnsName.Parse($"{name}.cluster.local."), type);
                Assert.All(zone.Answer(question).Answers.Where(a => a.Type == type), record => Assert.Contains(record, copy));
            }
        Assert.Contains(copy, r => r.ToString() == "_sql._tcp.db.shop.svc.cluster.local. 30 IN SRV 0 50 5432 db-0.db.shop.svc.cluster.local.");
        Assert.Contains(copy, r => r.Type == DnsType.TXT);
        Assert.DoesNotContain(copy, r => r.Name.ToString().Contains("none", StringComparison.Ordinal));
        Assert.Equal(copy.Count, copy.Distinct().Count());
    }

    [Fact]
    public void A_copy_of_a_reverse_zone_has_its_addresses_only()
    {
        ReverseZone zone = new(Names, DnsName.Parse("244.10.in-addr.arpa."), Settings);
        Assert.Equal(
            ["4.0.244.10.in-addr.arpa. 30 IN PTR db-0.db.shop.svc.cluster.local.", "5.0.244.10.in-addr.arpa. 30 IN PTR 10-244-0-5.db.shop.svc.cluster.local."],
            zone.Records().Select(r => r.ToString()));
    }

    [Theory]
    [InlineData("192.0.2.1", DnsTransport.Tcp, DnsRcode.NOERROR)]
    [InlineData("192.0.2.1", DnsTransport.Udp, DnsRcode.REFUSED)]
    [InlineData("198.51.100.1", DnsTransport.Tcp, DnsRcode.REFUSED)]
    public async Task A_copy_is_for_who_may_have_it_and_over_a_stream(string client, DnsTransport transport, DnsRcode rcode)
    {
        var reply = await Ask(DnsType.AXFR, client, transport);
        Assert.Equal(rcode, reply.Rcode);
        if (rcode != DnsRcode.NOERROR) return;
        Assert.Equal((DnsType.SOA, DnsType.SOA), (reply.Answers[0].Type, reply.Answers[^1].Type));
        Assert.Equal(Zone(Names).Records(), reply.Answers[1..^1]);
    }

    [Fact]
    public async Task Who_has_the_newest_serial_hears_that_nothing_is_new_and_another_gets_a_copy()
    {
        var soa = Zone(Names).Soa;
        Assert.Single((await Ask(DnsType.IXFR, "192.0.2.1", DnsTransport.Tcp, soa)).Answers);
        var old = soa with { Data = DnsData.Of(soa.Data.Soa!.Value with { Serial = 1 }) };
        Assert.True((await Ask(DnsType.IXFR, "192.0.2.1", DnsTransport.Tcp, old)).Answers.Length > 2);
        Assert.Single((await Ask(DnsType.IXFR, "192.0.2.1", DnsTransport.Udp, old)).Answers);
    }

    [Fact]
    public void A_long_copy_is_many_messages_that_fit_and_lose_nothing()
    {
        DnsMessage reply = new()
        {
            Questions = [new(Apex, DnsType.AXFR)],
            Answers =
            [
                .. Enumerable.Range(0, 5000).Select(i => new DnsRecord(
                    DnsName.Parse(string.Create(CultureInfo.InvariantCulture, $"name-{i}.svc.cluster.local.")), DnsType.A, 5,
                    DnsData.Of(IpAddress.V4((uint)i)))),
            ],
        };
        var messages = TransferMessages.Split(reply).ToList();
        Assert.InRange(messages.Count, 2, 20);
        Assert.Equal(reply.Answers, messages.SelectMany(m => m.Answers));
        Assert.All(messages.Skip(1), m => Assert.Empty(m.Questions));
        var bytes = new byte[DnsMessageWriter.LargestMessage];
        foreach (var message in messages)
        {
            Assert.True(DnsMessageReader.TryRead(bytes.AsSpan(0, DnsMessageWriter.Write(message, bytes)), out var read, out _));
            Assert.False(read.IsTruncated);
            Assert.Equal(message.Answers, read.Answers);
        }
    }

    private static async Task<DnsMessage> Ask(DnsType type, string client, DnsTransport transport, params DnsRecord[] have)
    {
        TransferSettings settings = new(default, [], [Prefix.Parse("192.0.2.0/24")]);
        TransferStep step = new(settings, [Zone(Names)], () => true, (_, _) => throw new InvalidOperationException("not the next"));
        DnsMessage query = new() { Questions = [new(Apex, type)], Authority = [.. have] };
        return await step.AnswerAsync(new(query, IpAddress.Parse(client), 1, transport), CancellationToken.None);
    }
}
