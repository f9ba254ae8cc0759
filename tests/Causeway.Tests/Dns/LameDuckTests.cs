using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>What a server does that was told to stop.</summary>
[Collection("lab")]
public sealed class LameDuckTests
{
    [Fact]
    public async Task A_lame_duck_answers_as_long_as_it_should_and_a_second_signal_ends_it_at_once()
    {
        await using var lab = LabHarness.AsRoot();
        var health = DnsServer.FreePort();
        await using var server = await DnsServer.StartAsync(
            lab, $"hosts {{\n 192.0.2.1 a.example\n}}\nhealth 127.0.0.1:{health} {{\n lameduck 300s\n}}");
        server.Terminate();
        // Longer than a program that does not see to its own end has.
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal("192.0.2.1", await server.DigAsync("a.example", "A"));
        server.Terminate();
        Assert.Equal(143, await server.EndedAsync());
    }
}
