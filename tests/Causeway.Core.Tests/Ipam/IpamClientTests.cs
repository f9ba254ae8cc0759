using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;

namespace Causeway.Core.Tests.Ipam;

public sealed class IpamClientTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly FakeIpamStore _store = new();
    private readonly List<string> _calls = [];

    public IpamClientTests() => _store.Before = (call, _) =>
    {
        lock (_calls) _calls.Add(call);
        return new(StoreOutcome.Done);
    };

    [Fact]
    public async Task First_assignment_claims_a_block_and_the_next_costs_one_write()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        var first = Good(await ipam.Assign(IpamWorld.Pod("a"), None));
        Assert.Equal(BlockAffinitySpec.Confirmed, Assert.Single(_store.Affinities).Spec.State);
        _calls.Clear();
        var second = Good(await ipam.Assign(IpamWorld.Pod("b"), None));
        Assert.Equal(["ReplaceBlock"], _calls);
        Assert.Equal(first[0].Address.Add(1), second[0].Address);
        Assert.Equal("p", second[0].Pool!.Name);
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Repeated_handle_gets_the_same_addresses_without_a_write()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16"), IpamWorld.Pool("q", "fd00::/64"));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        var request = IpamWorld.Pod("a", IpFamily.V6, IpFamily.V4);
        var first = Good(await ipam.Assign(request, None));
        Assert.Equal([IpFamily.V6, IpFamily.V4], first.Select(a => a.Address.Family));
        _calls.Clear();
        Assert.Equal(first, Good(await ipam.Assign(request, None)));
        Assert.Empty(_calls);
        // And so does a new agent on the node.
        await using var restarted = IpamWorld.Client(_store, "n1", view);
        Assert.Equal(first, Good(await restarted.Assign(request, None)));
        Assert.DoesNotContain("ReplaceBlock", _calls);
    }

    [Fact]
    public async Task What_is_being_written_is_offered_before_it_is_written()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        await ipam.Assign(IpamWorld.Pod("warm"), None);
        var hold = new TaskCompletionSource<StoreOutcome>();
        _store.Before = (_, _) => new(hold.Task);
        var offer = await ipam.Propose(IpamWorld.Pod("a"), None);
        Assert.False(offer.Written.IsCompleted);
        hold.SetResult(StoreOutcome.Done);
        Assert.Equal(
            Good(await offer.Written).Select(a => a.Address), Good(offer.Offered).Select(a => a.Address));
        // Once it is written nothing is to be waited for.
        var again = await ipam.Propose(IpamWorld.Pod("a"), None);
        Assert.Equal(Good(offer.Offered).Select(a => a.Address), Good(again.Offered).Select(a => a.Address));
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task An_offer_that_another_writer_took_is_not_what_is_written()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16"));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        await ipam.Assign(IpamWorld.Pod("warm"), None);
        await using var other = IpamWorld.Client(_store, "n1", view);
        await other.Assign(IpamWorld.Pod("warm"), None);
        await other.Assign(IpamWorld.Pod("b"), None);
        var offer = await ipam.Propose(IpamWorld.Pod("a"), None);
        var written = await offer.Written;
        Assert.NotEqual(Good(offer.Offered)[0].Address, Good(written)[0].Address);
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Many_at_once_share_a_write()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        await ipam.Assign(IpamWorld.Pod("warm"), None);
        _calls.Clear();
        var hold = new TaskCompletionSource();
        _store.Before = async (call, _) =>
        {
            lock (_calls) _calls.Add(call);
            await hold.Task;
            return StoreOutcome.Done;
        };
        var all = Enumerable.Range(0, 50).Select(i => ipam.Assign(IpamWorld.Pod($"h{i}"), None)).ToList();
        hold.SetResult();
        var addresses = (await Task.WhenAll(all)).Select(r => Good(r)[0].Address).Distinct();
        Assert.Equal(50, addresses.Count());
        Assert.InRange(_calls.Count, 1, 2);
    }

    [Fact]
    public async Task One_handle_asked_for_twice_at_once_gets_one_address()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        var both = await Task.WhenAll(
            ipam.Assign(IpamWorld.Pod("a"), None), ipam.Assign(IpamWorld.Pod("a"), None));
        Assert.Equal(Good(both[0])[0].Address, Good(both[1])[0].Address);
        Assert.Single(_store.Blocks.SelectMany(b => b.Spec.Allocations));
    }

    [Fact]
    public async Task Dual_stack_is_never_half_assigned()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16"), IpamWorld.Pool("q", "fd00::/128", 128));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        Good(await ipam.Assign(IpamWorld.Pod("a", IpFamily.V4, IpFamily.V6), None));
        var second = await ipam.Assign(IpamWorld.Pod("b", IpFamily.V4, IpFamily.V6), None);
        Assert.Equal(AssignFailure.Exhausted, second.Failure!.Code);
        Assert.Contains("no free IPv6 address for node n1: pool q (fd00::/128)", second.Failure.Message);
        Assert.DoesNotContain(_store.Blocks.SelectMany(b => b.Spec.Allocations), a => a.Handle == "b");
    }

    [Fact]
    public async Task Second_family_lost_after_the_first_was_written_rolls_the_first_back()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16"), IpamWorld.Pool("q", "fd00::/64"));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        Good(await ipam.Assign(IpamWorld.Pod("warm", IpFamily.V4, IpFamily.V6), None));
        _store.Before = (call, name) => call == "ReplaceBlock" && name.StartsWith("fd00")
            ? throw new IOException("lost") : new(StoreOutcome.Done);
        await Assert.ThrowsAsync<IOException>(() =>
            ipam.Assign(IpamWorld.Pod("a", IpFamily.V4, IpFamily.V6), None));
        _store.Before = null;
        Good(await ipam.Assign(IpamWorld.Pod("next"), None));
        Assert.DoesNotContain(_store.Blocks.SelectMany(b => b.Spec.Allocations), a => a.Handle == "a");
    }

    [Fact]
    public async Task A_request_that_fails_before_it_is_looked_at_takes_nothing_from_its_handle()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16"));
        await using (var before = IpamWorld.Client(_store, "n1", view)) Good(await before.Assign(IpamWorld.Pod("a"), None));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        // A new agent cannot list what its node has.
        _store.Before = (call, _) => call == "ListBlocks" ? throw new IOException("lost") : new(StoreOutcome.Done);
        await Assert.ThrowsAsync<IOException>(() => ipam.Assign(IpamWorld.Pod("a"), None));
        _store.Before = null;
        Good(await ipam.Assign(IpamWorld.Pod("b"), None));
        Assert.Single(_store.Blocks.SelectMany(b => b.Spec.Allocations), a => a.Handle == "a");
    }

    [Fact]
    public async Task Answers_of_several_blocks_that_come_at_one_moment_are_all_taken()
    {
        var view = IpamWorld.View([.. Enumerable.Range(0, 2).Select(i => IpamWorld.Pool($"p{i}", i == 0 ? "10.0.0.0/24" : "fd00::/64"))]);
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        Good(await ipam.Assign(IpamWorld.Pod("warm", IpFamily.V4, IpFamily.V6), None));
        using var together = new Barrier(2);
        _store.After = (call, _) =>
        {
            if (call != "ReplaceBlock") return default;
            return new(Task.Run(() => together.SignalAndWait(TimeSpan.FromSeconds(60)), None));
        };
        for (var i = 0; i < 500; i++)
        {
            Good(await ipam.Assign(IpamWorld.Pod("a", IpFamily.V4, IpFamily.V6), None));
            Assert.Equal(2, (await ipam.Release("a", None)).Count);
        }
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Answer_lost_after_the_write_is_settled_by_repeating()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        Good(await ipam.Assign(IpamWorld.Pod("warm"), None));
        _store.After = (call, _) => call == "ReplaceBlock" ? throw new IOException("lost") : default;
        await Assert.ThrowsAsync<IOException>(() => ipam.Assign(IpamWorld.Pod("a"), None));
        _store.After = null;
        var again = Good(await ipam.Assign(IpamWorld.Pod("a"), None));
        var stored = Assert.Single(_store.Blocks.SelectMany(b => b.Spec.Allocations), a => a.Handle == "a");
        Assert.Equal(stored.Address, again[0].Address.ToString());
    }

    [Fact]
    public async Task Conflict_is_read_again_and_retried()
    {
        await using var ipam = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/16")));
        var mine = Good(await ipam.Assign(IpamWorld.Pod("a"), None))[0];
        // Someone else releases it: the known version is stale.
        var block = Assert.Single(_store.Blocks);
        var (spec, _) = BlockAllocator.ReleaseHandle(block.Spec, "a");
        await _store.ReplaceBlock(IpamObjects.With(block, spec), None);
        var next = Good(await ipam.Assign(IpamWorld.Pod("b"), None))[0];
        Assert.Equal(mine.Address.Add(1), next.Address);
        Assert.Single(_store.Blocks.SelectMany(b => b.Spec.Allocations));
    }

    [Fact]
    public async Task Full_pool_says_so_and_heals_when_an_address_goes()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/30", 30, strict: true));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        for (var i = 0; i < 4; i++) Good(await ipam.Assign(IpamWorld.Pod($"h{i}"), None));
        var fifth = await ipam.Assign(IpamWorld.Pod("h4"), None);
        Assert.Equal(AssignFailure.Exhausted, fifth.Failure!.Code);
        Assert.Equal("h2", Assert.Single(await ipam.Release("h2", None)).Handle);
        Assert.Equal("10.0.0.2", Good(await ipam.Assign(IpamWorld.Pod("h4"), None))[0].Address.ToString());
        Assert.Empty(await ipam.Release("never", None));
    }

    [Fact]
    public async Task Full_node_borrows_from_another_unless_the_pool_is_strict()
    {
        var loose = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/29", 29));
        await using var owner = IpamWorld.Client(_store, "n1", loose);
        await using var borrower = IpamWorld.Client(_store, "n2", loose);
        await using var strict = IpamWorld.Client(
            _store, "n3", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/29", 29, strict: true)));
        Good(await owner.Assign(IpamWorld.Pod("a"), None));
        Good(await borrower.Assign(IpamWorld.Pod("b"), None));
        var block = Assert.Single(_store.Blocks);
        Assert.Equal("true", block.Metadata.Labels![IpamBlock.BorrowedLabel]);
        Assert.Equal(AssignFailure.Exhausted, (await strict.Assign(IpamWorld.Pod("c"), None)).Failure!.Code);
        // A new agent on the borrower still knows what it borrowed.
        await using var restarted = IpamWorld.Client(_store, "n2", loose);
        Assert.Single(await restarted.Release("b", None));
        Assert.DoesNotContain(IpamBlock.BorrowedLabel, Assert.Single(_store.Blocks).Metadata.Labels!.Keys);
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Empty_block_goes_back_when_the_node_has_room_elsewhere()
    {
        var view = IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/24", 30));
        await using (var ipam = IpamWorld.Client(_store, "n1", view))
        {
            for (var i = 0; i < 8; i++) Good(await ipam.Assign(IpamWorld.Pod($"h{i}"), None));
            Assert.Equal(2, _store.Blocks.Count);
            for (var i = 0; i < 8; i++) await ipam.Release($"h{i}", None);
            // Answered once the tidying before it is done.
            await ipam.Held("none", None);
            await ipam.Held("none", None);
        }
        Assert.Single(_store.Blocks);
        Assert.Single(_store.Affinities);
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Block_of_another_size_in_the_way_is_not_overlapped()
    {
        await using (var before = IpamWorld.Client(
            _store, "n1", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/24", 25))))
            Good(await before.Assign(IpamWorld.Pod("a"), None));
        await using var after = IpamWorld.Client(
            _store, "n2", IpamWorld.View(IpamWorld.Pool("p", "10.0.0.0/24", 26)));
        for (var i = 0; i < 128; i++) Good(await after.Assign(IpamWorld.Pod($"h{i}"), None));
        Assert.Equal(3, _store.Blocks.Count);
        IpamWorld.AssertSound(_store);
    }

    [Fact]
    public async Task Tunnel_address_comes_from_a_pool_that_encapsulates()
    {
        var plain = IpamWorld.Pool("a", "10.0.0.0/16");
        plain = plain with { Spec = plain.Spec with { Encapsulation = Encapsulation.None } };
        var request = AssignRequest.ForTunnel("n1", [IpFamily.V4]);
        await using (var none = IpamWorld.Client(_store, "n1", IpamWorld.View(plain)))
            Assert.Equal(AssignFailure.NoPool, (await none.Assign(request, None)).Failure!.Code);
        var view = IpamWorld.View(plain, IpamWorld.Pool("b", "10.1.0.0/16"));
        await using var ipam = IpamWorld.Client(_store, "n1", view);
        var address = Good(await ipam.Assign(request, None))[0];
        Assert.Equal(("b", "tunnel/n1"), (address.Pool!.Name, address.Allocation.Handle));
    }

    private static IReadOnlyList<AssignedAddress> Good(AssignResult result)
    {
        Assert.Null(result.Failure);
        return result.Addresses;
    }
}
