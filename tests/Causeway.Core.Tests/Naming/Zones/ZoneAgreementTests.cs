using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Zones.ZoneObjects;

namespace Causeway.Core.Tests.Naming.Zones;

/// <summary>Random clusters: both ways of answering say the same, and the order of events does not matter.</summary>
public sealed class ZoneAgreementTests
{
    private static readonly string[] Labels = ["web", "db", "shop", "svc", "pod", "cluster", "local", "_http", "_tcp", "ns", "dns", "x"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_way_without_allocation_answers_as_the_long_way(int seed)
    {
        Random random = new(seed);
        for (var round = 0; round < 50; round++)
        {
            var zone = Zone(Index(Cluster(random)), Settings with { IgnoreEmptyServices = random.Next(2) == 0 });
            for (var i = 0; i < 100; i++) Agree(zone, Query(random), random);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Answers_do_not_depend_on_the_order_of_events(int seed)
    {
        Random random = new(seed);
        for (var round = 0; round < 50; round++)
        {
            var objects = Cluster(random).ToArray();
            var straight = Index(objects);
            NameIndex shuffled = new();
            foreach (var item in objects.OrderBy(_ => random.Next())) shuffled.Set(item);
            foreach (var extra in Cluster(random).Where(e => !objects.Any(o => Same(o, e))))
            {
                shuffled.Set(extra);
                shuffled.Removed(extra);
            }
            foreach (var item in objects.OrderBy(_ => random.Next())) shuffled.Set(item);
            var (one, two) = (Zone(straight), Zone(shuffled));
            for (var i = 0; i < 100; i++)
            {
                var question = Query(random).Questions[0];
                Assert.Equal(one.Answer(question).Answers, two.Answer(question).Answers);
                Assert.Equal(one.Answer(question).Rcode, two.Answer(question).Rcode);
            }
        }
    }

    private static bool Same(KubeObject a, KubeObject b) => a.GetType() == b.GetType()
        && a.Metadata.Name == b.Metadata.Name && a.Metadata.Namespace == b.Metadata.Namespace;

    private static void Agree(ClusterZone zone, DnsMessage query, Random random)
    {
        var bytes = new byte[512];
        bytes = bytes[..DnsMessageWriter.Write(query, bytes)];
        Assert.True(DnsQueryView.TryRead(bytes, out var view));
        var reply = new byte[view.UdpSize];
        var length = zone.TryAnswer(view, reply, (uint)random.Next());
        if (length == 0) return;
        Assert.True(DnsMessageReader.TryRead(reply.AsSpan(0, length), out var fast, out var fault), fault.ToString());
        var slow = zone.Answer(query.Questions[0]).Reply(query, zone.Soa);
        var room = new byte[view.UdpSize];
        Assert.True(DnsMessageReader.TryRead(room.AsSpan(0, DnsMessageWriter.Write(slow, room)), out slow, out _));
        Assert.Equal(slow.Rcode, fast.Rcode);
        Assert.Equal(slow.Flags, fast.Flags);
        Assert.Equal(slow.Edns, fast.Edns);
        Assert.Equal(query.Questions[0].Name.Wire.ToArray(), fast.Questions[0].Name.Wire.ToArray());
        Assert.Equal(slow.Authority, fast.Authority);
        Assert.Equal(slow.Answers.Length, fast.Answers.Length);
        if (!fast.IsTruncated)
            Assert.Equal(slow.Answers.Select(a => a.ToString()).Order(), fast.Answers.Select(a => a.ToString()).Order());
    }

    private static DnsMessage Query(Random random)
    {
        var labels = Enumerable.Range(0, random.Next(5)).Select(_ => Labels[random.Next(Labels.Length)]);
        var name = random.Next(3) switch
        {
            0 => string.Join('.', [.. labels, "cluster.local."]),
            1 => $"{Labels[random.Next(2)]}.shop.svc.Cluster.local.",
            _ => string.Join('.', [.. labels, "shop.svc.cluster.local."]),
        };
        return new()
        {
            Id = (ushort)random.Next(65536), Flags = random.Next(2) == 0 ? DnsFlags.RecursionDesired : DnsFlags.None,
            Questions = [new(DnsName.Parse(name), random.Next(2) == 0 ? DnsType.A : DnsType.AAAA)],
            Edns = random.Next(2) == 0 ? new Edns((ushort)random.Next(300, 1400), DnssecOk: random.Next(2) == 0) : null,
        };
    }

    private static IEnumerable<KubeObject> Cluster(Random random)
    {
        if (random.Next(4) > 0) yield return Namespace("shop");
        foreach (var name in Labels[..2])
        {
            var headless = random.Next(2) == 0;
            if (random.Next(4) > 0)
                yield return Service(
                    "shop", name, headless ? "None" : random.Next(2) == 0 ? $"10.96.0.{random.Next(9)}" : "10.96.0.9,fd00::9", "http:80");
            for (var slice = 0; slice < random.Next(4); slice++)
                yield return Slice(
                    "shop", name, string.Create(CultureInfo.InvariantCulture, $"{name}-{slice}"), ["http:80"],
                    [.. Enumerable.Range(0, random.Next(30)).Select(_ =>
                        $"{(random.Next(3) == 0 ? "!" : "")}{(slice % 2 == 0 ? $"10.244.0.{random.Next(50)}" : $"fd01::{random.Next(1, 50)}")}")]);
        }
    }
}
