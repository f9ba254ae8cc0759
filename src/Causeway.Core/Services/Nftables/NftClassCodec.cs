using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// The chains of classes as netlink: nft 1.0.6 cannot add a rule over a map of numbers to a table that is there,
/// and the kernel's instructions serve TCP, UDP and SCTP alike.
/// </summary>
public static class NftClassCodec
{
    /// <summary>Makes or renews the chains of classes and of what they need, each with its rules.</summary>
    /// <param name="podsKnown">Whether the scope has ranges of this family.</param>
    public static void Write(NftRuleWriter writer, IEnumerable<NftClass> classes, bool podsKnown)
    {
        var (all, slots) = NftClass.Closure(classes);
        // All chains before any rule: rules go to chains that come later.
        foreach (var chain in slots.Select(s => s.Chain).Concat(all.Select(c => c.Chain)))
        {
            writer.AddChain(chain);
            writer.Flush(chain);
        }
        foreach (var slot in slots) Write(writer, slot);
        foreach (var item in all) Write(writer, item, podsKnown);
    }

    /// <summary>Deletes what only unused classes had; no element may go to their chains any more.</summary>
    public static void Delete(NftRuleWriter writer, IEnumerable<NftClass> unused, IEnumerable<NftClass> used)
    {
        var (keptClasses, keptSlots) = NftClass.Closure(used);
        var (classes, slots) = NftClass.Closure(unused);
        // Who goes to another goes first.
        foreach (var item in classes.Except(keptClasses).OrderBy(c => c.Source != NftSource.Local))
            writer.RemoveChain(item.Chain);
        foreach (var slot in slots.Except(keptSlots)) writer.RemoveChain(slot.Chain);
    }

    private static void Write(NftRuleWriter writer, NftClass item, bool podsKnown)
    {
        if (item.Source == NftSource.Masquerade) Rule(writer, item, () => Mark(writer));
        if (item.Source == NftSource.OffCluster && podsKnown)
        {
            Rule(writer, item, () =>
            {
                writer.LoadAddress(0, source: true);
                writer.RequireMember(0, NftSets.ClusterCidrs, member: false);
                Mark(writer);
            });
        }
        if (item.Source == NftSource.Local) Divert(writer, item, podsKnown);
        var local = item.Source == NftSource.Local;
        var count = local ? item.LocalEndpoints : item.Endpoints;
        if (count == 0) return;
        if (item.AffinitySeconds == 0)
        {
            Rule(writer, item, () => Translate(writer, item.NodePort, local, at => writer.LoadRandom(at, count)));
            return;
        }
        var slots = item.Slots().ToArray();
        foreach (var slot in slots)
        {
            Rule(writer, item, () =>
            {
                LoadClient(writer);
                writer.RequireMember(0, slot.Set);
                writer.Goto(slot.Chain);
            });
        }
        // The first with 1 in N, the next with 1 in N - 1 of the rest, and so on: each gets the same share.
        for (var i = 0; i < count; i++)
        {
            var (slot, rest) = (slots[i], count - i);
            Rule(writer, item, () =>
            {
                writer.LoadRandom(0, rest);
                writer.RequireNumber(0, 0);
                writer.Goto(slot.Chain);
            });
        }
    }

    private static void Write(NftRuleWriter writer, NftSlot slot)
    {
        writer.BeginRule(slot.Chain);
        LoadClient(writer);
        writer.Remember(0, slot.Set, TimeSpan.FromSeconds(slot.Seconds));
        writer.EndRule();
        writer.BeginRule(slot.Chain);
        Translate(writer, slot.NodePort, slot.Local, at => writer.LoadNumber(at, slot.Index));
        writer.EndRule();
    }

    // Inside the cluster all endpoints serve; the node itself has no address to keep.
    private static void Divert(NftRuleWriter writer, NftClass item, bool podsKnown)
    {
        var needs = item.Needs().ToArray();
        if (podsKnown)
        {
            Rule(writer, item, () =>
            {
                writer.LoadAddress(0, source: true);
                writer.RequireMember(0, NftSets.ClusterCidrs);
                writer.Goto(needs[0].Chain);
            });
        }
        Rule(writer, item, () =>
        {
            writer.RequireLocal(source: true);
            writer.Goto(needs[1].Chain);
        });
    }

    private static void Translate(NftRuleWriter writer, bool nodePort, bool local, Action<int> loadIndex)
    {
        var map = NftSets.EndpointsOf(nodePort, local);
        var at = 0;
        if (!nodePort)
        {
            writer.LoadAddress(0, source: false);
            at += writer.Family.Bytes / 4;
        }
        writer.LoadProtocol(at++);
        writer.LoadDestinationPort(at++);
        loadIndex(at);
        writer.Map(0, map.Name);
        writer.TranslateDestination(0);
    }

    private static void LoadClient(NftRuleWriter writer)
    {
        var words = writer.Family.Bytes / 4;
        writer.LoadAddress(0, source: true);
        writer.LoadAddress(words, source: false);
        writer.LoadProtocol(2 * words);
        writer.LoadDestinationPort(2 * words + 1);
    }

    private static void Mark(NftRuleWriter writer) => writer.SetMarkBits(15, ServicesScope.MasqueradeMark);

    private static void Rule(NftRuleWriter writer, NftClass item, Action steps)
    {
        writer.BeginRule(item.Chain);
        steps();
        writer.EndRule();
    }
}
