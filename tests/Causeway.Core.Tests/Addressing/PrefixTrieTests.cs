using Causeway.Core.Addressing;
using CsCheck;

namespace Causeway.Core.Tests.Addressing;

public sealed class PrefixTrieTests
{
    // A narrow range makes prefixes nest and collide.
    private static readonly Gen<Prefix> Crowded = Gen.OneOf(
        Gen.Select(Gen.UInt[0, 63], Gen.Int[24, 32], (low, length) =>
            Prefix.Of(IpAddress.V4(0x0A000000 | low), length)),
        Gen.Select(Gen.UInt[0, 63], Gen.Int[0, 128], (low, length) => Prefix.Of(IpAddress.V6(low), length)),
        PrefixTests.Any);

    [Fact]
    public void It_agrees_with_a_dictionary_and_a_linear_search() => Gen.Select(
        Gen.Select(Crowded, Gen.Bool).Array[0, 40], Crowded.Array[1, 20]).Sample((steps, probes) =>
    {
        var trie = new PrefixTrie<string>();
        var model = new Dictionary<Prefix, string>();
        foreach (var (prefix, add) in steps)
        {
            if (add)
            {
                trie.Set(prefix, prefix.ToString());
                model[prefix] = prefix.ToString();
            }
            else
            {
                Assert.Equal(model.Remove(prefix), trie.Remove(prefix));
            }
        }
        Assert.Equal(model.Count, trie.Count);
        Assert.Equal(model.Keys.Order(), trie.All().Select(e => e.Prefix));
        foreach (var probe in probes.Concat(steps.Select(s => s.Item1)))
        {
            var expected = model.Keys.Where(p => p.Contains(probe.Address)).OrderBy(p => p.Length).ToList();
            Assert.Equal(expected.Count > 0, trie.TryMatch(probe.Address, out var found, out _));
            if (expected.Count > 0) Assert.Equal(expected[^1], found);
            Assert.Equal(model.ContainsKey(probe), trie.TryGet(probe, out _));
            Assert.Equal(model.Keys.Where(p => p.Contains(probe)).OrderBy(p => p.Length), trie.Covering(probe).Select(e => e.Prefix));
        }
    });
}
