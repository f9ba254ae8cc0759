using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// The pools that can be used, in order of name, and what is wrong with the others. Of two pools that overlap
/// the younger is refused (by creation, then by name), so that a bad new pool never disturbs an old one.
/// </summary>
public sealed record PoolSet(IReadOnlyList<PoolRange> Ranges, IReadOnlyList<IpamProblem> Problems)
{
    public static readonly PoolSet Empty = new([], []);

    public static PoolSet Of(IEnumerable<IpPool> pools)
    {
        List<PoolRange> ranges = [];
        List<IpamProblem> problems = [];
        var byAge = pools
            .OrderBy(p => p.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
            .ThenBy(p => p.Metadata.Name, StringComparer.Ordinal);
        foreach (var pool in byAge)
        {
            var read = Read(pool);
            if (read.Range is { } range && ranges.Find(r => r.Cidr.Overlaps(range.Cidr)) is { } older)
                problems.Add(Overlap(range, older));
            else if (read.Range is { } good)
                ranges.Add(good);
            problems.AddRange(read.Problems);
        }
        return new([.. ranges.OrderBy(r => r.Name, StringComparer.Ordinal)], problems);
    }

    /// <summary>The pools, in order, from which a node with these labels takes addresses of a
    /// family.</summary>
    public IEnumerable<PoolRange> For(IpFamily family, IReadOnlyDictionary<string, string>? nodeLabels) =>
        Ranges.Where(r => r.Family == family && r.Serves(nodeLabels));

    public PoolRange? Holding(IpAddress address) => Ranges.FirstOrDefault(r => r.Cidr.Contains(address));

    public PoolRange? Holding(Prefix block) => Ranges.FirstOrDefault(r => r.Cidr.Contains(block));

    private static (PoolRange? Range, List<IpamProblem> Problems) Read(IpPool pool)
    {
        var at = "IPPool/" + pool.Metadata.Name;
        List<IpamProblem> problems = [];
        if (!Prefix.TryParse(pool.Spec.Cidr, out var cidr))
            return (null, [new(
                "pool-cidr", at, BadCidr(pool.Spec.Cidr), "give a network such as 10.244.0.0/16")]);
        var (least, most) = BlockLengths(cidr.Family);
        var length = pool.Spec.BlockSizeOf(cidr.Family);
        if (length < least || length > most)
            problems.Add(new("pool-block-size", at, $"spec.blockSize {length} is out of range",
                $"for this family it is {least} to {most}"));
        else if (length < cidr.Length)
            problems.Add(new("pool-too-small", at, $"{cidr} is smaller than one block of /{length}",
                $"make the pool /{length} or wider, or spec.blockSize at least {cidr.Length}"));
        if (!LabelSelector.TryParse(pool.Spec.NodeSelector ?? "", out var selector))
            problems.Add(
                new("pool-selector", at, "spec.nodeSelector: " + SelectorError(pool.Spec.NodeSelector!),
                "give a label selector such as zone=a,!gpu"));
        return (problems.Count == 0 ? new(
            pool.Metadata.Name, cidr, length, selector, pool.Spec) : null, problems);
    }

    /// <summary>The block lengths that are allowed: 16 to 4096 addresses at the widest, one at the
    /// narrowest.</summary>
    public static (int Least, int Most) BlockLengths(IpFamily family) =>
        family == IpFamily.V4 ? (20, 32) : (116, 128);

    private static IpamProblem Overlap(PoolRange range, PoolRange older) => new(
        "pool-overlap", "IPPool/" + range.Name,
        $"{range.Cidr} overlaps {older.Cidr} of IPPool/{older.Name}, which is older; the pool is not used",
        "delete one of the two, or give it a network of its own");

    private static string BadCidr(string text)
    {
        try
        {
            Prefix.Parse(text);
            throw new InvalidOperationException($"'{text}' does parse");
        }
        catch (FormatException e)
        {
            return "spec.cidr: " + e.Message;
        }
    }

    private static string SelectorError(string text)
    {
        try
        {
            LabelSelector.Parse(text);
            throw new InvalidOperationException($"'{text}' does parse");
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
