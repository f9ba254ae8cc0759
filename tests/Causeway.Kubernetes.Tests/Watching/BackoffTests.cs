using Causeway.Kubernetes.Watching;
using CsCheck;

namespace Causeway.Kubernetes.Tests.Watching;

public sealed class BackoffTests
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    [Fact]
    public void Pauses_double_up_to_the_longest_and_are_drawn_from_the_upper_half() =>
        Gen.Int.Sample(seed =>
        {
            var backoff = new Backoff(Shortest, Longest, new Random(seed));
            for (var full = Shortest; full < 100 * Longest; full *= 2)
            {
                var bound = full < Longest ? full : Longest;
                Assert.InRange(backoff.Next(), bound / 2, bound);
            }
            backoff.Reset();
            Assert.InRange(backoff.Next(), Shortest / 2, Shortest);
        });

    [Fact]
    public void Two_clients_do_not_come_back_in_step()
    {
        var one = new Backoff(Shortest, Longest, new Random(1));
        var two = new Backoff(Shortest, Longest, new Random(2));
        Assert.NotEqual(one.Next(), two.Next());
    }
}
