using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>Blocks and affinities as objects: names, and the labels that follow from their specs.</summary>
public static class IpamObjects
{
    public static IpamBlock NewBlock(Prefix cidr, string node) => With(
        new IpamBlock { Metadata = new() { Name = IpamBlock.NameOf(cidr) } }, BlockAllocator.Create(
            cidr, node));

    /// <summary>The block with another spec, its labels kept true to it.</summary>
    public static IpamBlock With(IpamBlock block, IpamBlockSpec spec)
    {
        var labels = new Dictionary<string, string>(
            block.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        labels.Remove(IpamBlock.NodeLabel);
        labels.Remove(IpamBlock.BorrowedLabel);
        if (spec.Node is not null) labels[IpamBlock.NodeLabel] = NodeLabelValue(spec.Node);
        if (spec.Allocations.Any(a => a.Node != spec.Node)) labels[IpamBlock.BorrowedLabel] = "true";
        return block with { Spec = spec, Metadata = block.Metadata with { Labels = labels } };
    }

    public static BlockAffinity NewAffinity(Prefix cidr, string node, string state) => new()
    {
        Metadata = new()
        {
            Name = BlockAffinity.NameOf(node, cidr),
            Labels = new Dictionary<string, string> { [IpamBlock.NodeLabel] = NodeLabelValue(node) },
        },
        Spec = new(cidr.ToString(), node, state),
    };

    public static BlockAffinity With(BlockAffinity affinity, string state) =>
        affinity with { Spec = affinity.Spec with { State = state } };

    public static string SelectNode(string node) => $"{IpamBlock.NodeLabel}={NodeLabelValue(node)}";

    public const string SelectBorrowed = IpamBlock.BorrowedLabel + "=true";

    /// <summary>A node's name as a label's value: itself, or where it is longer than a label may be, its
    /// beginning and a hash.</summary>
    public static string NodeLabelValue(string node)
    {
        if (node.Length <= LabelSyntax.LongestName) return node;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(node)));
        return node[..(LabelSyntax.LongestName - 13)] + "-" + hash[..12];
    }
}
